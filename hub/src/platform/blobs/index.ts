export type { Blob, BlobCipher, BlobStore } from './store.ts';
