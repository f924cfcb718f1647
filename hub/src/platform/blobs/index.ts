export { FolderBlobs } from './folder.ts';
export { S3Blobs, type S3Options } from './s3.ts';
export { amzDate, authorization, EMPTY_PAYLOAD } from './sigv4.ts';
export type { Blob, BlobCipher, BlobStore } from './store.ts';
