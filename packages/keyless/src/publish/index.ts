/** Publishing keyless signatures: an authority of one's own with its keys, and publications files. Node only. */
export { Authority, type AuthorityOptions, certificateId } from './authority.ts';
/** The writing of DER, for requests of certificates as well. */
export * as derOf from './der.ts';
export { type Publication, type PublicationsFileParts, writePublicationsFile } from './publications-file.ts';
export type { KeyKind } from './signing-key.ts';
