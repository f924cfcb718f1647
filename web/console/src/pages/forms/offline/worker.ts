/** Registers the service worker of the collect pages, asks the browser to keep what is stored, and to say when the network is back. */

let started = false;

/** Once a page; only a build has the worker. Failing is no fault of the page: it works on, with the network. */
export function startWorker(): void {
  if (started || !('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  started = true;
  navigator.serviceWorker.register('/collect-worker.js', { scope: '/collect', updateViaCache: 'none' }).catch(() => {
    started = false;
  });
}

/** Asks that the browser never throws the store away when the phone's memory runs low. Answers whether it promised. */
export async function keepStored(): Promise<boolean> {
  if (!navigator.storage?.persist) return false;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}

/** How much is stored and how much may be, in bytes; null: the browser does not say. */
export async function room(): Promise<{ used: number; most: number } | null> {
  const estimate = await navigator.storage?.estimate?.();
  return estimate?.quota ? { used: estimate.usage ?? 0, most: estimate.quota } : null;
}

/** Asks for a message when the network is back, where the browser has Background Sync. */
export async function askForSync(): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration('/collect')) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  await registration?.sync?.register('jingwei-collect-send').catch(() => undefined);
}

/** Whether the pages are kept on this phone, so that they open without a network. */
export async function shellKept(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  const registration = await navigator.serviceWorker.getRegistration('/collect');
  return Boolean(registration?.active);
}
