// What the lab runs for every image of these tests: a server that answers everything.
import { createServer } from 'node:http'

const server = createServer((_, response) => response.end(`${process.env.VERSION}\n`))
server.listen(8000, '0.0.0.0')
process.once('SIGTERM', () => process.exit(0))
