import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { DRAW, toHtml } from '../browser/github.js'

/** The summary of one job of the demo, and the chapter that it belongs to. */
export interface Shown {
  title: string
  markdown: string
}

const { resolve } = createRequire(import.meta.url)

const LAYOUT = `
body { margin: 0; color-scheme: light dark; background: Canvas }
main { box-sizing: border-box; max-width: 1012px; margin: 0 auto; padding: 16px }
main > p { font: 14px/1.5 system-ui, sans-serif; color: CanvasText }
main > h1 { font: 600 24px/1.3 system-ui, sans-serif; color: CanvasText }
main > h2 { font: 600 16px/1.3 system-ui, sans-serif; color: CanvasText; margin: 40px 0 8px }
article { border: 1px solid #8886; border-radius: 6px; padding: 16px }
.drawing { overflow-x: auto }
`

const text = (plain: string): string =>
  plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const section = async ({ title, markdown }: Shown): Promise<string> =>
  `<h2>${text(title)}</h2>\n<article class="markdown-body">${await toHtml(markdown)}</article>`

/** One HTML file, which needs nothing else: what GitHub's run pages would show, light or dark as the reader's system is. */
export const summariesPage = async (all: readonly Shown[]): Promise<string> => {
  const style = await readFile(resolve('github-markdown-css/github-markdown.css'), 'utf8')
  const mermaid = await readFile(resolve('mermaid/dist/mermaid.min.js'), 'utf8')
  const sections = await Promise.all(all.map(section))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The summaries of npm run demo</title>
<style>${style}${LAYOUT}</style>
<main>
<h1>The summaries of npm run demo</h1>
<p>Each job of the demo wrote one, which GitHub shows on the page of the run. Links to commits, runs and the AWS console lead
nowhere: the cloud was simulated.</p>
${sections.join('\n')}
</main>
<script>${mermaid.replaceAll('</script', '<\\/script')}</script>
<script>${DRAW}</script>
</html>
`
}
