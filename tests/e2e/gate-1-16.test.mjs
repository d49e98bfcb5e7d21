// The gate in the limbo of 1.16.5.
import { gateCases } from './lib/gate-cases.mjs'

gateCases('1.16.5')
