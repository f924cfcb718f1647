/** What `#digest` offers, by Node's OpenSSL or in plain JavaScript: one of the two is chosen by the platform (package.json, "imports"). */

/** A digest that is computed piece by piece. */
export interface Digester {
  update(data: Uint8Array): unknown;
  /** Ends it. */
  digest(): Uint8Array;
}
