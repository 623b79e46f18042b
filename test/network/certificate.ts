import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A certificate and its key as PEM, and the key object that signs other certificates. */
export interface Certificate {
  pem: string
  key: string
  name: string
  privateKey: KeyObject
}

export interface CertificateWish {
  name: string
  /** The DNS names and IPv4 addresses it is valid for. */
  hosts?: readonly string[]
  /** Epoch milliseconds; by default a day ago and a day from now. */
  from?: number
  to?: number
  /** Who signs it; by default itself. */
  issuer?: Certificate
}

const DAY_MS = 86_400_000

const der = (tag: number, ...contents: Buffer[]): Buffer => {
  const content = Buffer.concat(contents)
  const { length } = content
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), content])
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts)
const oid = (text: string): Buffer => der(0x06, hex(text))

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'))
const COMMON_NAME = oid('550403')
const BASIC_CONSTRAINTS = oid('551d13')
const SUBJECT_ALT_NAME = oid('551d11')

const naming = (name: string): Buffer =>
  sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))))

const time = (ms: number): Buffer =>
  der(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')))

const alternative = (host: string): Buffer =>
  /^\d+\.\d+\.\d+\.\d+$/.test(host)
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host))

const extensions = (hosts: readonly string[], isAuthority: boolean): Buffer => {
  const basic = sequence(
    BASIC_CONSTRAINTS,
    der(0x04, sequence(...(isAuthority ? [der(0x01, hex('ff'))] : [])))
  )
  const names = sequence(SUBJECT_ALT_NAME, der(0x04, sequence(...hosts.map(alternative))))
  return der(0xa3, sequence(basic, ...(hosts.length === 0 ? [] : [names])))
}

/** Creates a certificate with a new key; without hosts it is an authority. */
export const certificate = (wish: CertificateWish): Certificate => {
  const { name, hosts = [], from = Date.now() - DAY_MS, to = Date.now() + DAY_MS, issuer } = wish
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = sequence(
    der(0xa0, der(0x02, hex('02'))),
    der(
      0x02,
      hex(
        `01${Math.floor(Math.random() * 0xffffffff)
          .toString(16)
          .padStart(8, '0')}`
      )
    ),
    ECDSA_WITH_SHA256,
    naming(issuer?.name ?? name),
    sequence(time(from), time(to)),
    naming(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(hosts, hosts.length === 0)
  )
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey)
  const whole = sequence(body, ECDSA_WITH_SHA256, der(0x03, hex('00'), signature))
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    name,
    privateKey,
    pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}
