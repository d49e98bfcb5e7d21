// The gate in the limbo of 1.12.2.
import { gateCases } from './lib/gate-cases.mjs'

gateCases('1.12.2')
