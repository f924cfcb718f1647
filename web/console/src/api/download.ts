/** Fetching a file that the hub streams, so that a refusal is shown as a problem and not saved as a file. */
import { problemOf } from './client.ts';

/** Fetches and saves, with `file` by sending it, with `json` by asking in a body; answers the file's name. */
export async function download(address: string, asked?: Blob | { json: unknown }): Promise<string> {
  const sent =
    asked instanceof Blob
      ? { method: 'POST', body: asked, headers: { 'content-type': 'application/octet-stream' } }
      : asked
        ? { method: 'POST', body: JSON.stringify(asked.json), headers: { 'content-type': 'application/json' } }
        : {};
  const response = await fetch(address, { credentials: 'same-origin', ...sent });
  if (!response.ok) throw await problemOf(response);
  const disposition = response.headers.get('content-disposition') ?? '';
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  const plain = /filename="?([^";]+)"?/i.exec(disposition)?.[1];
  const name = encoded ? decodeURIComponent(encoded) : (plain ?? 'export');
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return name;
}
