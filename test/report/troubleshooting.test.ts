import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { troubleshootingPage } from './troubleshooting-page.js'

test('the troubleshooting page explains every error as the action does', () => {
  expect(readFileSync('docs/troubleshooting.md', 'utf8')).toBe(troubleshootingPage())
})
