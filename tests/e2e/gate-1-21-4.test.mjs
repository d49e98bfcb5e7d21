// The gate in the limbo of 1.21.4.
import { gateCases } from './lib/gate-cases.mjs'

gateCases('1.21.4')
