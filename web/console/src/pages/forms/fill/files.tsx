/** Pictures by camera or from the album, files, and a signature: kept on the phone first, shown, and sent with the record. */
import { CameraOutlined, DeleteOutlined, FileOutlined, PaperClipOutlined, PictureOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { bytes as size } from '../../../format/index.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { sha256 } from '../offline/ids.ts';
import { drawn, smaller } from '../offline/pictures.ts';
import type { Field, FileValue } from '../shared/pure.ts';
import { type ControlProps, useFill } from './context.tsx';

type FileField = Extract<Field, { kind: 'picture' | 'file' | 'signature' }>;
const MOST = 20 * 1024 * 1024;
const types: Record<string, string> = {
  pdf: 'application/pdf,.pdf',
  docx: '.docx',
  xlsx: '.xlsx',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  txt: 'text/plain,.txt',
  csv: 'text/csv,.csv',
};

/** Keeps a file on the phone and answers its value. */
function useKeep(field: FileField) {
  const fill = useFill();
  return async (blob: Blob, name: string): Promise<FileValue> => {
    const content = await blob.arrayBuffer();
    if (!fill.store) return { id: crypto.randomUUID(), name, type: blob.type, bytes: content.byteLength };
    const facts = {
      record: fill.record,
      form: fill.form,
      field: field.name,
      name,
      type: blob.type || 'application/octet-stream',
      bytes: content.byteLength,
      sha256: await sha256(content),
      arrived: false,
    };
    const id = await fill.store.putFile(facts, content);
    return { id, name, type: facts.type, bytes: facts.bytes };
  };
}

/** A kept or sent picture as an address of this page; null while it is opened, or where it is no picture. */
export function usePicture(value: FileValue | undefined): string | null {
  const { store, online } = useFill();
  const [url, setUrl] = useState<string | null>(null);
  const id = value?.id;
  const type = value?.type ?? '';
  useEffect(() => {
    setUrl(null);
    if (!id) return;
    let gone = false;
    let made: string | null = null;
    const show = (found: string) => {
      if (gone) URL.revokeObjectURL(found);
      else setUrl(found);
    };
    void store?.file(id).then((file) => {
      if (file?.facts.type.startsWith('image/')) {
        made = URL.createObjectURL(new Blob([file.content], { type: file.facts.type }));
        show(made);
      } else if (!file && online && type.startsWith('image/')) setUrl(`/api/v1/forms/files/${id}/content`);
    });
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id, type, store, online]);
  return url;
}

function One({ value, remove, label }: { value: FileValue; remove: () => void; label: string }) {
  const { t } = useSpeech();
  const url = usePicture(value);
  return (
    <li className="ff-file">
      {url ? <img src={url} alt={value.name ?? label} /> : <FileOutlined aria-hidden="true" className="ff-file-icon" />}
      <span className="small ff-file-name">
        {value.name ?? label}
        {value.bytes === undefined ? null : <span className="quiet"> {size(value.bytes)}</span>}
      </span>
      <Button
        size="small"
        type="text"
        danger
        icon={<DeleteOutlined />}
        aria-label={t('forms.fill.remove-file', { name: value.name ?? label })}
        onClick={remove}
      />
    </li>
  );
}

export function FilesControl({
  field,
  value,
  set,
  aria,
  label,
}: ControlProps<Extract<Field, { kind: 'picture' | 'file' }>, FileValue[]>) {
  const { t } = useSpeech();
  const { store } = useFill();
  const keep = useKeep(field);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const camera = useRef<HTMLInputElement>(null);
  const album = useRef<HTMLInputElement>(null);
  const list = Array.isArray(value) ? value : [];
  const picture = field.kind === 'picture';
  const accept = picture ? 'image/*' : field.types.map((type) => types[type]).join(',');

  const take = async (chosen: FileList | null) => {
    if (!chosen?.length) return;
    setBusy(true);
    setFault(null);
    const next = [...list];
    for (const file of [...chosen].slice(0, field.most - list.length)) {
      try {
        const blob = picture ? await smaller(file) : file;
        if (blob.size > MOST) throw new Error('too large');
        next.push(await keep(blob, picture ? `${file.name.replace(/\.[^.]*$/, '') || 'picture'}.jpg` : file.name));
      } catch {
        setFault(t(picture ? 'forms.fill.no-picture' : 'forms.fill.too-large', { name: file.name }));
      }
    }
    set(next.length ? next : null);
    setBusy(false);
  };
  const input = (ref: typeof camera, capture: boolean) => (
    <input
      ref={ref}
      hidden
      type="file"
      accept={accept}
      {...(capture ? { capture: 'environment' as const } : {})}
      multiple={!capture && field.most > 1}
      aria-label={label}
      onChange={(event) => {
        void take(event.target.files);
        event.target.value = '';
      }}
    />
  );
  const full = list.length >= field.most;
  return (
    <div className="stack-s">
      {list.length ? (
        <ul className="ff-files">
          {list.map((one) => (
            <One
              key={one.id}
              value={one}
              label={label}
              remove={() => {
                void store?.removeFile(one.id);
                const rest = list.filter((other) => other.id !== one.id);
                set(rest.length ? rest : null);
              }}
            />
          ))}
        </ul>
      ) : null}
      <div className="row">
        {picture ? (
          <Button
            id={aria.id}
            icon={<CameraOutlined />}
            disabled={full}
            loading={busy}
            aria-describedby={aria['aria-describedby']}
            onClick={() => camera.current?.click()}
          >
            {t('forms.fill.camera')}
          </Button>
        ) : null}
        <Button
          {...(picture ? {} : { id: aria.id })}
          icon={picture ? <PictureOutlined /> : <PaperClipOutlined />}
          disabled={full || busy}
          onClick={() => album.current?.click()}
        >
          {t(picture ? 'forms.fill.album' : 'forms.fill.choose-file')}
        </Button>
        <span className="small quiet num">{t('forms.fill.files-of', { n: list.length, most: field.most })}</span>
      </div>
      {input(camera, true)}
      {input(album, false)}
      {fault ? (
        <p className="small bad-text" aria-live="polite">
          {fault}
        </p>
      ) : null}
    </div>
  );
}

/** Signed with a finger, a pen or the mouse; who cannot draw hands in a picture of the signature. */
export function SignatureControl({
  field,
  value,
  set,
  aria,
  label,
}: ControlProps<Extract<Field, { kind: 'signature' }>, FileValue[]>) {
  const { t } = useSpeech();
  const keep = useKeep(field);
  const { store } = useFill();
  const canvas = useRef<HTMLCanvasElement>(null);
  const album = useRef<HTMLInputElement>(null);
  const [marks, setMarks] = useState(0);
  const held = Array.isArray(value) ? value[0] : undefined;
  const url = usePicture(held);
  const point = (event: React.PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = event.currentTarget.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale] as const;
  };
  const pen = () => canvas.current?.getContext('2d') ?? null;
  const drop = () => {
    if (held) void store?.removeFile(held.id);
    set(null);
    setMarks(0);
    const context = pen();
    context?.clearRect(0, 0, context.canvas.width, context.canvas.height);
  };
  if (held)
    return (
      <div className="stack-s">
        {url ? <img className="ff-signed" src={url} alt={t('forms.fill.signed')} /> : <p>{t('forms.fill.signed')}</p>}
        <div>
          <Button id={aria.id} size="small" onClick={drop}>
            {t('forms.fill.sign-anew')}
          </Button>
        </div>
      </div>
    );
  return (
    <div className="stack-s">
      <canvas
        ref={canvas}
        className="ff-pad"
        width={900}
        height={300}
        role="img"
        aria-label={t('forms.fill.sign-here', { label })}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const context = pen();
          if (!context) return;
          context.lineWidth = 5;
          context.lineCap = 'round';
          context.lineJoin = 'round';
          // On paper it is black, whatever the screen's colours are.
          context.strokeStyle = '#101418';
          context.beginPath();
          context.moveTo(...point(event));
        }}
        onPointerMove={(event) => {
          if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
          const context = pen();
          context?.lineTo(...point(event));
          context?.stroke();
        }}
        onPointerUp={() => setMarks((n) => n + 1)}
      />
      <div className="row">
        <Button
          id={aria.id}
          type="primary"
          disabled={marks === 0}
          onClick={() => {
            if (canvas.current)
              void drawn(canvas.current).then(async (blob) => set([await keep(blob, 'signature.png')]));
          }}
        >
          {t('forms.fill.sign-done')}
        </Button>
        <Button disabled={marks === 0} onClick={drop}>
          {t('forms.fill.clear')}
        </Button>
        <Button type="text" onClick={() => album.current?.click()}>
          {t('forms.fill.sign-picture')}
        </Button>
        <input
          ref={album}
          hidden
          type="file"
          accept="image/*"
          aria-label={label}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file)
              void smaller(file)
                .then((blob) => keep(blob, 'signature.jpg'))
                .then((kept) => set([kept]))
                .catch(() => undefined);
            event.target.value = '';
          }}
        />
      </div>
    </div>
  );
}
