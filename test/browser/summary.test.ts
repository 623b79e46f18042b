import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Browser, Page } from 'playwright-core'
import { cutLine } from '../../src/report/columns.js'
import { historySummary } from '../../src/report/history.js'
import { gantt } from '../../src/report/gantt.js'
import { deploySummary, rollbackSummary } from '../../src/report/summary.js'
import { at } from '../fakes/clock.js'
import { failedOutcome, NEW, outcome, rolledBackOutcome, story } from '../fakes/endings.js'
import { events, instance, row, target } from '../fakes/nouns.js'
import { NASTY_SUBJECTS } from '../fakes/subjects.js'
import { CHROMIUM, blankPage, hasChromium, launch, show } from './page.js'

const cellsOf = (page: Page, table: number): Promise<string[][]> =>
  page.evaluate(
    `[...document.querySelectorAll('table')[${table}].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))`
  )

const textOf = (page: Page, selector: string): Promise<string> =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`)

const countOf = (page: Page, selector: string): Promise<number> =>
  page.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`)

const barsOf = (markdown: string): number =>
  (markdown.match(/^.+ :(?:crit, |active, )?\d{4}-/gm) ?? []).length

const nothingRan = async (page: Page): Promise<void> => {
  expect(await page.title()).toBe('summary')
  expect(
    await countOf(page, 'article script, article img, article h1, article [onerror], a[href^="javascript"]')
  ).toBe(0)
}

const title = hasChromium
  ? 'summaries in Chromium'
  : `summaries in Chromium: skipped, there is none at ${CHROMIUM} (set CHROMIUM)`

;(hasChromium ? describe : describe.skip)(title, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  test('a success: heading, links, every bar of the timeline, every instance', async () => {
    const markdown = deploySummary(story())
    const page = await show(browser, markdown, 'success')
    expect(await textOf(page, 'h2')).toBe('✅ aaaaaaaa is live on shop/web after 2 min 40 s')
    expect(barsOf(markdown)).toBe(22)
    expect(await countOf(page, '.drawing svg rect.task')).toBe(22)
    expect(await countOf(page, '.drawing svg rect[class*=crit]')).toBe(0)
    expect(await cellsOf(page, 1)).toHaveLength(7)
    const hrefs: string[] = await page.evaluate('[...document.links].map((link) => link.href)')
    expect(hrefs).toContain(`https://github.com/shop/server/commit/${NEW}`)
    await nothingRan(page)
  })

  test('the axis of the timeline shows UTC, wherever its reader is', async () => {
    const page = await show(browser, deploySummary(story()), 'utc')
    expect(await page.evaluate('Intl.DateTimeFormat().resolvedOptions().timeZone')).toBe('Asia/Seoul')
    expect(await textOf(page, '.drawing svg .tick text')).toMatch(/^12:0/)
  })

  test('a failure: its red bar, its log tail, the command for what is left behind', async () => {
    const page = await show(browser, deploySummary(story({ ending: failedOutcome() })), 'failure')
    expect(await countOf(page, '.drawing svg rect[class*=crit]')).toBe(1)
    expect(await countOf(page, 'details[open]')).toBe(1)
    expect(await textOf(page, 'details pre')).toContain('line 12')
    expect(await textOf(page, 'pre code.language-sh')).toContain(
      "--auto-scaling-group-name 'CodeDeploy_web_d-AAAAAAAAA'"
    )
    await nothingRan(page)
  })

  test('a rollback by the service, and one by a person', async () => {
    const rolledBack = await show(
      browser,
      deploySummary(story({ ending: rolledBackOutcome() })),
      'rolled-back'
    )
    expect(await textOf(rolledBack, 'h2')).toContain('bbbbbbbb is live again')
    expect(await textOf(rolledBack, '.drawing svg')).toContain('rollback · blue')
    const done = {
      way: 'fast',
      commit: NEW,
      application: 'shop',
      group: 'web',
      tookMs: 8_200
    } as const
    const byHand = await show(browser, rollbackSummary(done), 'rollback')
    expect(await textOf(byHand, 'h2')).toBe('↩️ aaaaaaaa is live on shop/web again after 8.2 s')
  })

  test('nasty subjects stand in the history as text, each in its own cell', async () => {
    const rows = NASTY_SUBJECTS.map((subject, at) =>
      row({
        subject,
        live: at === 0,
        ...(at === 3 ? { status: 'Failed', rolledBackBy: 'd-BACK00000', available: false } : {})
      })
    )
    const page = await show(
      browser,
      historySummary(rows, { application: 'festa|book', group: '<b>prod</b>' }),
      'history'
    )
    const cells = await cellsOf(page, 0)
    expect(cells.map((line) => line.length)).toEqual(Array(rows.length + 1).fill(10))
    expect(cells.slice(1).map((line) => line[2]?.replace(/\s+/g, ' '))).toEqual(
      NASTY_SUBJECTS.map((subject) => cutLine(subject, 72).replace(/\s+/g, ' '))
    )
    await nothingRan(page)
  })

  test('nasty names stand in a deploy summary as text, too', async () => {
    const all = NASTY_SUBJECTS.map((subject) => deploySummary(story({ subject }))).join('\n\n')
    const page = await show(browser, all, 'nasty')
    expect(await countOf(page, 'table')).toBe(2 * NASTY_SUBJECTS.length)
    expect(await countOf(page, '.drawing svg rect.task')).toBe(22 * NASTY_SUBJECTS.length)
    expect(await countOf(page, 'article > h2')).toBe(NASTY_SUBJECTS.length)
    await nothingRan(page)
  })

  test('Mermaid takes every name that a service could ever send', async () => {
    const page = await blankPage(browser)
    const names = fc.sample(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(
          'click here',
          'section x',
          'title',
          'dateFormat',
          'done',
          'crit',
          'a:b',
          '%% no',
          '2026-01-01',
          ...NASTY_SUBJECTS
        )
      ),
      { numRuns: 150, seed: 7 }
    )
    const texts = names.map((name) => {
      const named = { ...target(instance(1), 'green', events([name, 'Install'], 10)), id: name }
      return gantt({ deployment: outcome().deployment, targets: [named] }, at(60)).text
    })
    const refused: unknown = await page.evaluate(
      `(async () => { const refused = []; for (const text of ${JSON.stringify(texts)}) await mermaid.parse(text).catch((error) => refused.push([text, String(error)])); return refused })()`
    )
    expect(refused).toEqual([])
  })
})
