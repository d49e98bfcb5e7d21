// The versions that players come with.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const minecraftData = require('minecraft-data')

export const supportedVersions = require('minecraft-protocol').supportedVersions

// The versions that the product names; each goes through every test of the gate.
export const gateVersions = ['1.8.8', '1.12.2', '1.16.5', '1.19.4', '1.20.4', '1.21.4',
  '1.21.6', '1.21.8', '1.21.9', '1.21.11', '26.1']

export function protocolOf (version) {
  return minecraftData(version).version.version
}
