/** Pictures chosen or taken at a desk: made smaller in the browser, sent at once, named by ids that the step or report then uses. */
import { CameraOutlined, DeleteOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { problemOf, urlOf } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { fitted, smaller } from '../forms/offline/pictures.ts';

export const MOST_PICTURES = 9;

/** A form of the picture for lists, at most 64 KiB. */
export async function tiny(blob: Blob): Promise<Blob | null> {
  const bitmap = await createImageBitmap(blob);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, fitted(bitmap.width, bitmap.height, 360));
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.7));
  return made && made.size <= 60 * 1024 ? made : null;
}

/** Sends bytes under an id of our own; the same again is the same picture. @throws ApiProblem */
async function put(url: string, blob: Blob): Promise<void> {
  const answer = await fetch(url, {
    method: 'PUT',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/octet-stream', accept: 'application/json' },
    body: blob,
  });
  if (!answer.ok) throw await problemOf(answer);
}

/** Sends a picture (and its small form where somebody is signed in). @throws ApiProblem */
export async function sendPicture(id: string, kind: 'scene' | 'done' | 'public', blob: Blob): Promise<void> {
  if (kind === 'public') return put(urlOf('/api/v1/public/events/pictures/{id}', { id }), blob);
  await put(urlOf('/api/v1/events/pictures/{id}', { id }, { kind }), blob);
  const small = await tiny(blob).catch(() => null);
  // Without a small form lists show the picture itself.
  if (small) await put(urlOf('/api/v1/events/pictures/{id}/small', { id }), small).catch(() => undefined);
}

export function PictureInput({
  kind,
  value,
  onChange,
  need = false,
}: {
  kind: 'scene' | 'done' | 'public';
  value: readonly string[];
  onChange: (ids: string[]) => void;
  need?: boolean;
}) {
  const { t } = useSpeech();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [urls, setUrls] = useState<Record<string, string>>({});
  const made = useRef(urls);
  made.current = urls;
  useEffect(
    () => () => {
      for (const url of Object.values(made.current)) URL.revokeObjectURL(url);
    },
    [],
  );
  const take = async (files: FileList | null) => {
    if (!files?.length) return;
    setBusy(true);
    setFault(null);
    const ids = [...value];
    try {
      for (const file of [...files].slice(0, MOST_PICTURES - ids.length)) {
        const blob = await smaller(file).catch(() => {
          throw new NoPicture(file.name);
        });
        const id = crypto.randomUUID();
        await sendPicture(id, kind, blob);
        setUrls((before) => ({ ...before, [id]: URL.createObjectURL(blob) }));
        ids.push(id);
      }
    } catch (error) {
      setFault(error);
    } finally {
      onChange(ids);
      setBusy(false);
    }
  };
  return (
    <div className="stack-s">
      <span className="small">
        {t(kind === 'done' ? 'events.picture.done' : 'events.picture.scene')}
        {need ? <span className="ff-required">{t('common.required')}</span> : null}
      </span>
      {value.length ? (
        <ul className="event-taken">
          {value.map((id, i) => (
            <li key={id}>
              {urls[id] ? <img src={urls[id]} alt={t('events.picture-taken', { n: i + 1 })} /> : null}
              <Button
                size="small"
                type="text"
                danger
                icon={<DeleteOutlined />}
                aria-label={t('events.picture-remove', { n: i + 1 })}
                onClick={() => onChange(value.filter((x) => x !== id))}
              />
            </li>
          ))}
        </ul>
      ) : null}
      <div>
        <input
          ref={input}
          hidden
          type="file"
          accept="image/*"
          multiple
          aria-label={t('events.picture-choose')}
          onChange={(event) => {
            void take(event.target.files);
            event.target.value = '';
          }}
        />
        <Button
          icon={<CameraOutlined />}
          loading={busy}
          disabled={value.length >= MOST_PICTURES}
          onClick={() => input.current?.click()}
        >
          {t('events.picture-choose')}
        </Button>
      </div>
      {fault instanceof NoPicture ? (
        <p className="small bad-text" role="alert">
          {t('events.picture-none', { name: fault.file })}
        </p>
      ) : fault ? (
        <Failure error={fault} />
      ) : null}
    </div>
  );
}

/** A file that the browser cannot read as a picture. */
class NoPicture extends Error {
  readonly file: string;
  constructor(file: string) {
    super('no picture');
    this.file = file;
  }
}
