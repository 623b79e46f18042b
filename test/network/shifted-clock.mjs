// Node loads this before a job starts: it shifts the job's clock by CLOCK_IS_OFF_BY milliseconds.
const RealDate = Date
const off = Number(process.env.CLOCK_IS_OFF_BY)
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + off] : given))
  }
  static now() {
    return RealDate.now() + off
  }
}
