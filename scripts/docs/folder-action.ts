/**
 * The same action in its own folder. The reusable workflows call it `$/action`, "this repository at the commit of this workflow".
 * That form needs a folder; the runner refuses it for an action.yml in the root (GitHub's changelog, 2026-07-30).
 */
export function folderAction(action: string): string {
  const main = /^( {2}main: )(dist\/)/m
  if (!main.test(action)) throw new Error('action.yml: expected a line "  main: dist/…" under "runs:"')
  return `# Written by \`npm run docs\` from ../action.yml: change that one.\n${action.replace(main, '$1../$2')}`
}
