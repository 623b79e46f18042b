import { factsOf } from './fault.js'

/** The certificate's authority is not trusted here: a proxy that inspects TLS, or a private authority. */
const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'CERT_REVOKED'
])

const UNTIMELY = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])

const MISNAMED = new Set(['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH'])

/** What to do about a proxy or a certificate between the runner and a service; undefined for anything else. */
export const networkAdvice = (error: unknown): string | undefined => {
  const { code } = factsOf(error)
  if (UNTRUSTED.has(code))
    return "Set NODE_EXTRA_CA_CERTS in the environment of the runner (the file .env of a self-hosted one) to a PEM file with the certificate of that authority, and restart the runner: Node reads it only when it starts. If no proxy of yours inspects TLS, find out who answers in the service's place."
  if (UNTIMELY.has(code))
    return 'Compare the clock of the runner with the real time: `date -u`. If it is right, whoever runs that server or proxy must renew its certificate.'
  if (MISNAMED.has(code))
    return 'Something other than the service answers under this name. Check the proxy, the DNS of the runner, and AWS_ENDPOINT_URL… if it is set.'
  return proxyAdvice(error)
}

const proxyAdvice = (error: unknown): string | undefined => {
  const { name, code, proxy, proxyVariable, proxyStatus, target } = factsOf(error)
  if (name !== 'ProxyError')
    return proxy === ''
      ? undefined
      : `Run the job again. If it keeps failing, check the proxy ${proxy} and its log, or list the host in NO_PROXY if the runner reaches it without the proxy.`
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO')
    return `The proxy does not speak TLS. If it is a plain one, ${proxyVariable} must begin with http://, for https:// services too.`
  if (proxyStatus === 407)
    return `Put a user name and a password that the proxy accepts into ${proxyVariable} in the environment of the runner: http://USER:PASSWORD@${proxy} (special characters escaped as in any URL, @ as %40).`
  if (proxyStatus !== undefined && proxyStatus < 500)
    return `Ask whoever runs the proxy to allow ${target}, or list that host in NO_PROXY if the runner reaches it without the proxy.`
  return `Check that ${proxyVariable} in the environment of the runner is right, that the proxy is running, and that it reaches ${target}; or list that host in NO_PROXY if the runner reaches it without the proxy.`
}
