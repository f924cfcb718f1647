export { FolderBlobs } from './folder.ts';
export type { Blob, BlobCipher, BlobStore } from './store.ts';
