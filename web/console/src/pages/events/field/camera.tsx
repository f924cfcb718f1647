/** Pictures by the phone's camera, kept on the phone first; and where the phone is. */
import { AimOutlined, CameraOutlined, DeleteOutlined, PictureOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import { smaller } from '../../forms/offline/pictures.ts';
import { MOST_PICTURES } from '../picture-input.tsx';
import { useField } from './field.tsx';
import type { Spot } from './model.ts';

/** A kept picture as an address of this page. */
function useKeptPicture(id: string): string | null {
  const { store } = useField();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    let made: string | null = null;
    void store.picture(id).then((held) => {
      if (!held || gone) return;
      made = URL.createObjectURL(new Blob([held.content], { type: 'image/jpeg' }));
      setUrl(made);
    });
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id, store]);
  return url;
}

function One({ id, n, onRemove }: { id: string; n: number; onRemove: () => void }) {
  const { t } = useSpeech();
  const url = useKeptPicture(id);
  return (
    <li>
      {url ? <img src={url} alt={t('events.picture-taken', { n })} /> : null}
      <Button
        size="small"
        type="text"
        danger
        icon={<DeleteOutlined />}
        aria-label={t('events.picture-remove', { n })}
        onClick={onRemove}
      />
    </li>
  );
}

export function Camera({
  kind,
  need = false,
  value,
  onChange,
}: {
  kind: 'scene' | 'done';
  need?: boolean;
  value: readonly string[];
  onChange: (ids: string[]) => void;
}) {
  const { t } = useSpeech();
  const { store } = useField();
  const camera = useRef<HTMLInputElement>(null);
  const album = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const take = async (files: FileList | null) => {
    if (!files?.length) return;
    setBusy(true);
    setWrong(null);
    const ids = [...value];
    for (const file of [...files].slice(0, MOST_PICTURES - ids.length)) {
      try {
        const content = await (await smaller(file)).arrayBuffer();
        const id = crypto.randomUUID();
        await store.putPicture({ id, kind, bytes: content.byteLength, arrived: false }, content);
        ids.push(id);
      } catch {
        setWrong(file.name);
      }
    }
    onChange(ids);
    setBusy(false);
  };
  const input = (ref: typeof camera, capture: boolean) => (
    <input
      ref={ref}
      hidden
      type="file"
      accept="image/*"
      multiple={!capture}
      aria-label={t(capture ? 'events.field.camera' : 'events.field.album')}
      {...(capture ? { capture: 'environment' as const } : {})}
      onChange={(event) => {
        void take(event.target.files);
        event.target.value = '';
      }}
    />
  );
  const full = value.length >= MOST_PICTURES;
  return (
    <div className="ff-field">
      <span className="ff-label">
        {t(`events.picture.${kind}`)}
        {need ? <span className="ff-required">{t('common.required')}</span> : null}
      </span>
      {value.length ? (
        <ul className="event-taken">
          {value.map((id, i) => (
            <One
              key={id}
              id={id}
              n={i + 1}
              onRemove={() => {
                void store.removePicture(id);
                onChange(value.filter((x) => x !== id));
              }}
            />
          ))}
        </ul>
      ) : null}
      <div className="row">
        {input(camera, true)}
        {input(album, false)}
        <Button
          type="primary"
          ghost
          icon={<CameraOutlined />}
          loading={busy}
          disabled={full}
          onClick={() => camera.current?.click()}
        >
          {t('events.field.camera')}
        </Button>
        <Button icon={<PictureOutlined />} disabled={full || busy} onClick={() => album.current?.click()}>
          {t('events.field.album')}
        </Button>
      </div>
      {wrong ? <p className="small bad-text">{t('events.picture-none', { name: wrong })}</p> : null}
    </div>
  );
}

/** Where the phone is, with its accuracy said. Works without a network where the phone has satellites. */
export function SpotInput({ value, onChange }: { value: Spot | null; onChange: (spot: Spot | null) => void }) {
  const { t } = useSpeech();
  const [asking, setAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const locate = () => {
    if (!navigator.geolocation) {
      setFault(t('forms.fill.place.none'));
      return;
    }
    setAsking(true);
    setFault(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setAsking(false);
        const digits = (n: number) => Number(n.toFixed(6));
        onChange({
          ...{ lon: digits(coords.longitude), lat: digits(coords.latitude) },
          accuracy: Math.round(coords.accuracy),
        });
      },
      (error) => {
        setAsking(false);
        setFault(t(error.code === error.PERMISSION_DENIED ? 'forms.fill.place.denied' : 'forms.fill.place.failed'));
      },
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    );
  };
  return (
    <div className="ff-field">
      <span className="ff-label">{t('events.field.spot')}</span>
      <div className="row">
        <Button icon={<AimOutlined />} loading={asking} onClick={locate}>
          {t(value ? 'events.field.locate-again' : 'events.field.locate')}
        </Button>
        {value ? (
          <Button type="text" onClick={() => onChange(null)}>
            {t('events.field.no-spot')}
          </Button>
        ) : null}
      </div>
      <p className="small quiet" aria-live="polite">
        {value ? (
          <span className="num">
            {value.lon}, {value.lat}
            {value.accuracy === null ? '' : ` · ±${value.accuracy} m`}
          </span>
        ) : (
          t('events.field.spot-note')
        )}
      </p>
      {fault ? <p className="small warn-text">{fault}</p> : null}
    </div>
  );
}
