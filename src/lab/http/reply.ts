import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** A whole answer. */
export interface Reply {
  status: number
  contentType: string
  body: string
}

export function jsonReply(status: number, body: object): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(body) }
}

export function textReply(status: number, body: string): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body }
}

/** Answers every request: where `answer` throws, `refusal` says what. */
export function replyingWith(
  answer: (request: IncomingMessage) => Promise<Reply>,
  refusal: (error: unknown) => Reply,
): RequestListener {
  return (request, response) => {
    answer(request)
      .catch(refusal)
      .then((reply) => send(response, reply))
  }
}

/** A body that was not read to its end ends the connection: what follows in it is no request. */
export function send(response: ServerResponse, { status, contentType, body }: Reply): void {
  if (!response.req.complete) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body)
}
