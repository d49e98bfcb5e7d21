// The gate in the limbo of 1.8.8.
import { gateCases } from './lib/gate-cases.mjs'

gateCases('1.8.8')
