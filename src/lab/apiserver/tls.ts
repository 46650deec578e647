import { isIP } from 'node:net'
import { generate } from 'selfsigned'

/** A server's certificate, signed by itself, and its key, both as PEM. */
export interface ServerCertificate {
  cert: string
  key: string
}

const lifetimeDays = 365

/** Makes a certificate for one address: its own authority, so that who has it trusts this server alone. */
export async function createCertificate(host: string): Promise<ServerCertificate> {
  const notBeforeDate = new Date(Date.now() - 60 * 60 * 1000)
  const notAfterDate = new Date(Date.now() + lifetimeDays * 24 * 60 * 60 * 1000)
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'chaos-test lab' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [isIP(host) ? { type: 7, ip: host } : { type: 2, value: host }] },
    ],
  })
  return { cert, key }
}
