const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `812 bytes`, `1.2 MiB`. */
export const bytesText = (bytes: number): string => {
  const size = Math.max(0, bytes)
  const power = Math.min(UNITS.length - 1, size < 1 ? 0 : Math.floor(Math.log2(size) / 10))
  return `${power === 0 ? String(Math.round(size)) : (size / 1024 ** power).toFixed(1)} ${UNITS[power] ?? 'bytes'}`
}
