import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { troubleshootingPage } from './troubleshooting-page.js'

test('the manual explains every error in the words of the action', () => {
  expect(readFileSync('docs/troubleshooting.md', 'utf8')).toBe(troubleshootingPage())
})
