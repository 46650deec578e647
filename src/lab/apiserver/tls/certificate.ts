import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { bits, der, explicit, integer, objectIdentifier, octets, sequence, setOf, text, time, yes } from './der.ts'

/** A server's certificate, signed by itself, and its key, both as PEM. */
export interface ServerCertificate {
  cert: string
  key: string
}

const hourMs = 60 * 60 * 1000
const lifetimeMs = 365 * 24 * hourMs

/**
 * Makes a certificate for one address (IPv4) or name: its own authority, so that who has it trusts this server alone.
 *
 * Node.js cannot make certificates, and libraries that can take longer to load than all the rest of the lab; one of a
 * single form is little to write.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280
 */
export function createCertificate(host: string): ServerCertificate {
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const signatureAlgorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2')) // ecdsa-with-SHA256
  const name = sequence(setOf(sequence(objectIdentifier('2.5.4.3'), text('chaos-test lab')))) // commonName
  const now = Date.now()
  const certified = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(serialNumber()),
    signatureAlgorithm,
    name,
    sequence(time(new Date(now - hourMs)), time(new Date(now + lifetimeMs))),
    name,
    keys.publicKey,
    explicit(3, sequence(...extensionsFor(host, keys.publicKey))),
  )
  const signature = sign('sha256', certified, createPrivateKey(keys.privateKey))
  return { cert: pem(sequence(certified, signatureAlgorithm, bits(signature))), key: keys.privateKey }
}

/** Its own for each certificate: positive, and without leading zeros. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes
}

function extensionsFor(host: string, publicKey: Buffer): Buffer[] {
  const address = isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host))
  return [
    extension('2.5.29.19', sequence(yes), { critical: true }), // basicConstraints: an authority
    extension('2.5.29.15', bits(Buffer.from([0b1000_0100]), 2), { critical: true }), // keyUsage: digitalSignature, keyCertSign
    extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
    extension('2.5.29.17', sequence(address)), // subjectAltName
    extension('2.5.29.14', octets(createHash('sha1').update(publicKey).digest())), // subjectKeyIdentifier
  ]
}

function extension(path: string, value: Buffer, { critical = false } = {}): Buffer {
  return sequence(objectIdentifier(path), ...(critical ? [yes] : []), octets(value))
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
