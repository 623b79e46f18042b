/** Subjects that break tables, pages and logs unless these escape them. */
export const NASTY_SUBJECTS: readonly string[] = [
  '[BE] 한글 커밋 메시지: 축제 지도 🎪 수정',
  'pipe | and \\| and \\\\| again',
  'ticks ` and ``` and `code`',
  '<script>document.title = "owned"</script>',
  '<img src=x onerror="document.title=\'owned\'">',
  'first line\nsecond line\r\n::error::third line',
  '::error file=a.js::injected',
  '##[error]injected',
  '\u001b[31mred\u001b[0m \u001b]8;;https://example.com\u0007link\u001b]8;;\u0007',
  '[link](javascript:alert(1)) ![image](https://example.com/x.png)',
  '</details></td></tr></table><h1>out</h1>',
  'a\u0301\u0302\u0303 \u202eright to left\u202c 👨‍👩‍👧‍👦 🇰🇷',
  'x'.repeat(300),
  '가'.repeat(300)
]
