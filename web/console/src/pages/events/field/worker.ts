/** Registers the console's service worker for the field pages as well; see forms/offline/worker.ts. */

let started = false;

/** Once a page; only a build has the worker. Failing is no fault of the page: it works on, with the network. */
export function startFieldWorker(): void {
  if (started || !('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  started = true;
  navigator.serviceWorker.register('/collect-worker.js', { scope: '/field', updateViaCache: 'none' }).catch(() => {
    started = false;
  });
}

/** Whether the pages are kept on this phone, so that they open without a network. */
export async function fieldKept(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  const registration = await navigator.serviceWorker.getRegistration('/field');
  return Boolean(registration?.active);
}
