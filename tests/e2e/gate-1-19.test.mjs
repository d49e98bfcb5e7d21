// The gate in the limbo of 1.19.4.
import { gateCases } from './lib/gate-cases.mjs'

gateCases('1.19.4')
