import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Browser, Page } from 'playwright-core'
import { cutLine } from '../../src/report/columns.js'
import { historySummary } from '../../src/report/history.js'
import { gantt } from '../../src/report/gantt.js'
import type { Story } from '../../src/report/story.js'
import { errorSummary } from '../../src/report/markdown.js'
import { deploySummary, rollbackSummary } from '../../src/report/summary.js'
import { sampled } from '../sample.js'
import { at } from '../fakes/clock.js'
import { failedOutcome, failing, NEW, OLD, outcome, rolledBackOutcome, story } from '../fakes/endings.js'
import type { Target } from '../../src/domain/event.js'
import { deployment, events, instance, row, served, target } from '../fakes/nouns.js'
import { NASTY_SUBJECTS } from '../fakes/subjects.js'
import { timesAt } from '../fakes/times.js'
import { CHROMIUM, VIEWS, blankPage, hasChromium, launch, show } from './page.js'

const cellsOf = (page: Page, table: number): Promise<string[][]> =>
  page.evaluate(
    `[...document.querySelectorAll('table')[${table}].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))`
  )

const textOf = (page: Page, selector: string): Promise<string> =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`)

const countOf = (page: Page, selector: string): Promise<number> =>
  page.evaluate(`document.querySelectorAll(${JSON.stringify(selector)}).length`)

const barsOf = (markdown: string): number =>
  (markdown.match(/^.+ :(?:crit, |active, |done, )?\d{4}-/gm) ?? []).length

/** The events of a whole deployment that are long enough to be drawn. */
const ROWS = 14

/** Texts of a drawing that cover each other or leave it. */
const COLLIDING = `[...document.querySelectorAll('.drawing svg')].flatMap((svg) => {
  const whole = svg.getBoundingClientRect()
  const texts = [...svg.querySelectorAll('text')]
    .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ text, box }) => text !== '' && box.width > 0)
  const over = texts.filter(({ box }) => box.left < whole.left - 1 || box.right > whole.right + 1)
  const pairs = texts.flatMap((one, at) => texts.slice(at + 1).map((other) => [one, other]))
  const meet = pairs.filter(
    ([{ box: a }, { box: b }]) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom
  )
  return [...over.map(({ text }) => text), ...meet.map(([one, other]) => one.text + ' / ' + other.text)]
})`

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
    expect(barsOf(markdown)).toBe(ROWS)
    expect(await countOf(page, '.drawing svg rect.task')).toBe(ROWS)
    expect(await countOf(page, '.drawing svg rect[class*=crit]')).toBe(0)
    expect(await cellsOf(page, 1)).toHaveLength(7)
    const hrefs: string[] = await page.evaluate('[...document.links].map((link) => link.href)')
    expect(hrefs).toContain(`https://github.com/shop/server/commit/${NEW}`)
    await nothingRan(page)
  })

  test.each([
    ['UTC', /^12:0/],
    ['America/St_Johns', /^08:3/]
  ])('the axis of the timeline shows %s, wherever its reader is', async (zone, expected) => {
    const page = await show(browser, deploySummary(story(timesAt(at(200), zone))), 'axis')
    expect(await page.evaluate('Intl.DateTimeFormat().resolvedOptions().timeZone')).toBe('Asia/Seoul')
    expect(await textOf(page, '.drawing svg .tick text')).toMatch(expected)
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

  test.each(sampled(VIEWS, 3))(
    'a failure that instances share fits a page of $width, $scheme',
    async (view) => {
      const ending = {
        ...failedOutcome(),
        targets: [failing(1, 95), failing(2, 97), served(instance(3), 99)]
      }
      const page = await show(
        browser,
        deploySummary(story({ ending })),
        `failure-${view.width}-${view.scheme}`,
        view
      )
      expect(await textOf(page, 'details summary')).toBe(
        '❌ ValidateService on 2 of 3 green instances in scripts/validate.sh line 12: ScriptFailed, exit code 3'
      )
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(view.width)
      // The decisive words are seen without scrolling on anything wider than a phone.
      const hidden: number = await page.evaluate(
        '(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector("details pre"))'
      )
      if (view.width > 390) expect(hidden).toBe(0)
      await page.close()
    }
  )

  const fleet = (size: number, broken: boolean): Story['ending'] => {
    const some = (from: number, make: (n: number) => Target): Target[] =>
      Array.from({ length: size }, (_, n) => make(from + n))
    const targets = [
      ...some(0, (n) => (broken && n === 1 ? failing(n, 90) : served(instance(n), 90 + (n % 7) * 1.7))),
      ...some(500, (n) =>
        target(instance(n), 'blue', events(['BlockTraffic', 'AfterBlockTraffic'], 170 + (n % 5)))
      )
    ]
    return { ...(broken ? failedOutcome() : outcome()), targets }
  }

  test.each(sampled(VIEWS, 3))(
    'timeline and table of 10 and 50 instances fit a page of $width, $scheme',
    async (view) => {
      const fleets = [fleet(10, false), fleet(50, true)]
      const markdown = fleets.map((ending) => deploySummary(story({ ending }))).join('\n')
      const page = await show(browser, markdown, `fleets-${view.width}-${view.scheme}`, view)
      expect(await countOf(page, '.drawing > svg')).toBe(fleets.length)
      expect(await page.evaluate(COLLIDING)).toEqual([])
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true })`)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(view.width)
      const tables: { title: string; hidden: number }[] = await page.evaluate(
        '[...document.querySelectorAll("table")].map((table) => ({ title: table.rows[0].cells[0].textContent, hidden: table.scrollWidth - table.clientWidth }))'
      )
      const ofInstances = tables.filter(({ title }) => title === 'Instance')
      expect(ofInstances.map(({ hidden }) => hidden)).toEqual([0, 0])
      await page.close()
    }
  )

  test.each(sampled(VIEWS, 3))(
    'an error without an outcome is prose that fits a page of $width, $scheme',
    async (view) => {
      const message = `The role arn:aws:iam::123456789012:role/${'deploy'.repeat(20)} is not allowed: \n  - \`codedeploy:GetDeploymentGroup\`\n---\n# no heading`
      const markdown = errorSummary(message, 'Allow `codedeploy:GetDeploymentGroup` and run this again.')
      const page = await show(browser, markdown, `error-${view.width}-${view.scheme}`, view)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(view.width)
      expect(await countOf(page, 'article pre, article h1, article ul, article hr')).toBe(0)
      expect(await countOf(page, 'article h2')).toBe(1)
      await page.close()
    }
  )

  test('a rollback by the service, and one by a person', async () => {
    const rolledBack = await show(
      browser,
      deploySummary(story({ ending: rolledBackOutcome() })),
      'rolled-back'
    )
    expect(await textOf(rolledBack, 'h2')).toContain('bbbbbbbb is live again')
    expect(await textOf(rolledBack, '.drawing svg')).toContain('↩ blue AllowTraffic')
    const done = {
      way: 'fast',
      commit: NEW,
      application: 'shop',
      group: 'web',
      tookMs: 8_200,
      by: 'mina',
      reason: 'checkout is broken'
    } as const
    const byHand = await show(browser, rollbackSummary(done), 'rollback')
    expect(await textOf(byHand, 'h2')).toBe('↩️ aaaaaaaa is live on shop/web again after 8.2 s')
  })

  test.each(sampled(VIEWS, 3))(
    'a fast rollback has the screen of a redeploy, $width, $scheme',
    async (view) => {
      const { rollback = deployment(), rollbackTargets = [] } = rolledBackOutcome()
      const back: Story = {
        ...story({ command: 'rollback', previousCommit: OLD, undoes: deployment() }),
        ending: { name: 'succeeded', deployment: rollback, targets: rollbackTargets, blueStillAlive: false },
        bundle: undefined
      }
      const done = { way: 'fast', commit: NEW, application: 'shop', group: 'web', tookMs: 8_200 } as const
      const markdown = rollbackSummary({ ...done, by: 'mina', reason: 'checkout is broken' }, back)
      const page = await show(browser, markdown, `rollback-fast-${view.width}-${view.scheme}`, view)
      expect(
        await page.evaluate('[...document.querySelectorAll("h3")].map((one) => one.textContent)')
      ).toEqual(['Timeline', 'Instances'])
      expect(await textOf(page, '.drawing svg')).not.toContain('Provision')
      const hrefs: string[] = await page.evaluate('[...document.links].map((link) => link.href)')
      expect(hrefs.slice(0, 2)).toEqual(
        [OLD, NEW].map((one) => `https://github.com/shop/server/commit/${one}`)
      )
      expect(hrefs.slice(3).map((href) => /d-\w+/.exec(href)?.[0])).toEqual(['d-BACK00000', 'd-AAAAAAAAA'])
      const text = await textOf(page, 'article')
      for (const words of ['Rolled back by mina.', 'Reason: checkout is broken'])
        expect(text).toContain(words)
      await page.close()
    }
  )

  const listed = {
    ...timesAt(at(3600), 'Asia/Seoul'),
    application: 'festa|book',
    group: '<b>prod</b>',
    region: 'ap-northeast-2',
    repository: { serverUrl: 'https://github.com', name: 'festabook/server' },
    workflow: {
      repository: { serverUrl: 'https://github.com', name: 'festabook/server' },
      file: '<b>`roll` back</b>.yml'.replace('/', '')
    }
  }

  test('nasty subjects stand in the history as text, each in its own cell', async () => {
    const rows = NASTY_SUBJECTS.map((subject, at) =>
      row({
        subject,
        live: at === 0,
        ...(at === 3 ? { status: 'Failed', rolledBackBy: 'd-ROLLBACK1', available: false } : {})
      })
    )
    const page = await show(browser, historySummary(rows, listed), 'nasty-history')
    const cells = await cellsOf(page, 0)
    expect(cells.map((line) => line.length)).toEqual(Array(rows.length + 1).fill(3))
    const plain = (text: string): string => text.replace(/\s+/g, ' ')
    for (const [at, subject] of NASTY_SUBJECTS.entries())
      expect(plain(cells[at + 1]?.[0] ?? '')).toContain(plain(cutLine(subject, 72)).trim())
    await nothingRan(page)
  })

  const past = [
    row({ live: true, subject: '[BE] 축제 지도 캐시 수정 (#412)', rollbackOf: 'd-BAD000000', runId: '7' }),
    ...['Fix the checkout button on Safari', 'a subject as long as the service takes it, '.repeat(6)].map(
      (subject, n) =>
        row({
          deploymentId: `d-OLDER000${n}`,
          commit: String(n).repeat(40),
          subject,
          rolledBackBy: 'd-AAAAAAAAA',
          startedAt: at(-90_000 * (n + 1))
        })
    )
  ]

  test.each(sampled(VIEWS, 3))('the history fits a page of $width, $scheme', async (view) => {
    const page = await show(
      browser,
      historySummary(past, listed),
      `history-${view.width}-${view.scheme}`,
      view
    )
    const right: number = await page.evaluate(
      `Math.max(...[...document.querySelectorAll('table tr')].map((line) => line.cells[${view.width > 390 ? 2 : 0}].getBoundingClientRect().right))`
    )
    expect(right).toBeLessThanOrEqual(view.width)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(view.width)
    await page.close()
  })

  test('the history links commit, run, deployment and workflow, and its lines can be copied as they are', async () => {
    const page = await show(browser, historySummary(past, listed), 'history-links')
    const hrefs: string[] = await page.evaluate('[...document.links].map((link) => link.href)')
    expect(hrefs.slice(0, 3)).toEqual([
      `https://github.com/festabook/server/commit/${NEW}`,
      'https://github.com/festabook/server/actions/runs/7',
      'https://ap-northeast-2.console.aws.amazon.com/codesuite/codedeploy/deployments/d-AAAAAAAAA?region=ap-northeast-2'
    ])
    expect(hrefs.at(-1)).toBe(
      'https://github.com/festabook/server/actions/workflows/%3Cb%3E%60roll%60%20back%3Cb%3E.yml'
    )
    expect(await textOf(page, 'details pre code')).toBe(
      `gh workflow run '<b>\`roll\` back<b>.yml' --repo festabook/server -f commit=${'0'.repeat(40)}\n`
    )
    await nothingRan(page)
  })

  test('nasty names stand in a deploy summary as text, too', async () => {
    const all = NASTY_SUBJECTS.map((subject) => deploySummary(story({ subject }))).join('\n\n')
    const page = await show(browser, all, 'nasty')
    expect(await countOf(page, 'table')).toBe(2 * NASTY_SUBJECTS.length)
    expect(await countOf(page, '.drawing svg rect.task')).toBe(ROWS * NASTY_SUBJECTS.length)
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
      return gantt({ deployment: outcome().deployment, targets: [named] }, timesAt(at(60))).text
    })
    const refused: unknown = await page.evaluate(
      `(async () => { const refused = []; for (const text of ${JSON.stringify(texts)}) await mermaid.parse(text).catch((error) => refused.push([text, String(error)])); return refused })()`
    )
    expect(refused).toEqual([])
  })
})
