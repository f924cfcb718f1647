/** Keyless signatures (无钥签名), compatible with the published KSI format: reading, verifying, and the parts of making them. */
export type {
  AnchorAccount,
  CalendarAccount,
  CalendarLinkAccount,
  ChainAccount,
  ImprintAccount,
  LinkAccount,
  OriginAccount,
  Rfc3161Account,
  SiblingAccount,
  SignatureAccount,
  TimeAccount,
} from './account.ts';
export { describe, describeImprint, describeTime } from './describe.ts';
export { describeText, type Language } from './describe-text.ts';
export { KeylessError } from './errors.ts';
export { type AggregationChain, type AggregationLink, aggregate } from './format/aggregation.ts';
export {
  type CalendarChain,
  type CalendarLink,
  calendarRoot,
  readCalendarChainBytes,
  timeOfShape,
} from './format/calendar.ts';
export { metadataValue, type Origin } from './format/metadata.ts';
export {
  type AggregationRequest,
  type AggregationResponse,
  aggregationRequest,
  answerOf,
  type ExtensionRequest,
  type ExtensionResponse,
  extensionRequest,
  PDU,
  type Pdu,
  type PduHeader,
  readPdu,
  type ServerConfig,
  showPdu,
  writePdu,
} from './format/pdu.ts';
export {
  type CalendarAuthentication,
  type PublicationRecord,
  publicationString,
  readPublicationString,
} from './format/publication.ts';
export {
  type CertificateRecord,
  nearestPublication,
  type PublicationsFile,
  publicationAt,
  readPublicationsFile,
} from './format/publications-file.ts';
export {
  type KeylessSignature,
  originOf,
  readSignature,
  signedHash,
  signingTime,
} from './format/signature.ts';
export { algorithmNamed, algorithmOf, type HashAlgorithm, hashAlgorithms } from './hash/algorithms.ts';
export { Hasher } from './hash/hasher.ts';
export { HashUnavailable, imprint } from './hash/imprint.ts';
export { type Certificate, certificatesOf } from './keys/x509.ts';
export { type FourHashes, fourHashes, SCRATCH } from './lanes/sha256.ts';
export { chainHead } from './sign/chain.ts';
export { RecordTree } from './sign/record-tree.ts';
export { type Blinding, type LeafOptions, TreeBuilder } from './sign/tree.ts';
export {
  type ChainParts,
  chainsAbove,
  extendSignature,
  prependChain,
  writeAggregationChain,
  writeCalendarAuthentication,
  writeCalendarChain,
  writePublicationRecord,
  writePublishedData,
  writeSignature,
} from './sign/write.ts';
export { type Editor, embeddedCertificates, type SignedBy, verifyPublicationsFile } from './verify/cms.ts';
export { type Document, verifyInternal } from './verify/internal.ts';
export { type Extender, type Policy, type Trust, verify, verifyByKey } from './verify/policies.ts';
export { sentenceOf, type Verdict, type VerificationCode } from './verify/verdict.ts';
