// The gate of 1.7, which has no book: what is typed there. The rest is in versions.test.mjs.
import { typedAnswers, typedNearly } from './lib/gate-cases.mjs'

typedAnswers('1.7')
typedNearly('1.7')
