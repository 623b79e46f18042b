import rehypeRaw from 'rehype-raw'
import rehypeSanitize from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'

/** Markdown → HTML by GitHub's own rules as far as they are public: GFM, raw HTML, and a sanitizer modelled on theirs. */
export const toHtml = async (markdown: string): Promise<string> => {
  const file = await unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkRehype, { allowDangerousHtml: true })
    .use(rehypeRaw)
    .use(rehypeSanitize)
    .use(rehypeStringify)
    .process(markdown)
  return String(file)
}

/**
 * Code for a page in which Mermaid is loaded: draws each Mermaid block in the place of its source, in the strict mode that
 * GitHub uses, and in the dark theme where the reader's system is dark.
 */
export const DRAW = `(async () => {
  const theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'default'
  mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme })
  for (const [at, code] of [...document.querySelectorAll('code.language-mermaid')].entries()) {
    const { svg } = await mermaid.render('drawing' + at, code.textContent)
    code.parentElement.outerHTML = '<div class="drawing">' + svg + '</div>'
  }
})()`
