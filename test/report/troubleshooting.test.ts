import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { troubleshootingPage } from './troubleshooting-page.js'

test('the troubleshooting page explains every error in the words that the action prints', () => {
  expect(readFileSync('docs/troubleshooting.md', 'utf8')).toBe(troubleshootingPage())
})
