/** Where an API server is and who may speak to it, as data. */
export interface ApiAccess {
  /** `https://address:port`, without a path. */
  server: string
  /** The bearer token. */
  token: string
  /** The certificate authority that vouches for the server, as PEM: the only one that is trusted. */
  ca: string
}
