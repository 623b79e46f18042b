import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type Page } from 'playwright-core'
import { DRAW, toHtml } from './github.js'

/** Debian's Chromium, or the one that the environment names. */
export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
export const hasChromium = existsSync(CHROMIUM)

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: FLAGS })

const { resolve } = createRequire(import.meta.url)

/** The window in which a page is seen. */
export interface View {
  width: number
  scheme: 'light' | 'dark'
}

const DESKTOP: View = { width: 1180, scheme: 'light' }

/** A desktop, a narrow window and a phone, each light and dark. */
export const VIEWS: readonly View[] = [1280, 800, 390].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme }))
)

/** A page in a time zone far from UTC, with Mermaid unless nothing is drawn. Nothing of the network is reachable. */
export const blankPage = async (
  browser: Browser,
  { width, scheme }: View = DESKTOP,
  draws = true
): Promise<Page> => {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    timezoneId: 'Asia/Seoul'
  })
  await page.route(/^https?:/, (route) => route.abort())
  await page.setContent('<!doctype html><title>summary</title><body></body>')
  if (draws) await page.addScriptTag({ path: resolve('mermaid/dist/mermaid.min.js') })
  return page
}

/** Shows a summary as a run's page would. With SCREENSHOT_DIR a picture of it is kept there, for people to look at. */
export const show = async (
  browser: Browser,
  markdown: string,
  name: string,
  view: View = DESKTOP
): Promise<Page> => {
  const html = await toHtml(markdown)
  const draws = html.includes('language-mermaid')
  const page = await blankPage(browser, view, draws)
  await page.addStyleTag({ path: resolve(`github-markdown-css/github-markdown-${view.scheme}.css`) })
  await page.addStyleTag({
    content: `body { margin: 0; background: ${view.scheme === 'dark' ? '#0d1117' : '#fff'} } article { max-width: 1012px; margin: 16px auto; padding: 0 16px }`
  })
  await page.evaluate(
    `document.body.innerHTML = '<article class="markdown-body">' + ${JSON.stringify(html)} + '</article>'`
  )
  if (draws) await page.evaluate(DRAW)
  const folder = process.env['SCREENSHOT_DIR']
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
  return page
}
