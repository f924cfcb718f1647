/** A point: where the phone is, or longitude and latitude by hand; its accuracy is said, never hidden. */
import { AimOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import type { Field, PlaceValue } from '../shared/pure.ts';
import type { ControlProps } from './context.tsx';

const digits = (n: number) => Number(n.toFixed(6));

export function PlaceControl({
  field,
  value,
  set,
  aria,
  label,
}: ControlProps<Extract<Field, { kind: 'place' }>, PlaceValue>) {
  const { t } = useSpeech();
  const id = useId();
  const [asking, setAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [typed, setTyped] = useState({ lon: value ? String(value.lon) : '', lat: value ? String(value.lat) : '' });

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
        const next = { lon: digits(coords.longitude), lat: digits(coords.latitude) };
        setTyped({ lon: String(next.lon), lat: String(next.lat) });
        set({ ...next, accuracy: Math.round(coords.accuracy) });
      },
      (error) => {
        setAsking(false);
        setFault(t(error.code === error.PERMISSION_DENIED ? 'forms.fill.place.denied' : 'forms.fill.place.failed'));
      },
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    );
  };
  const write = (part: 'lon' | 'lat', text: string) => {
    const next = { ...typed, [part]: text.normalize('NFKC').trim() };
    setTyped(next);
    const [lon, lat] = [Number(next.lon), Number(next.lat)];
    const whole = next.lon !== '' && next.lat !== '' && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
    // By hand there is no accuracy to tell.
    set(whole ? { lon, lat } : null);
  };
  const poor = field.accuracy !== undefined && value?.accuracy !== undefined && value.accuracy > field.accuracy;
  return (
    <div className="stack-s">
      <div>
        <Button
          id={aria.id}
          icon={<AimOutlined />}
          loading={asking}
          onClick={locate}
          aria-describedby={aria['aria-describedby']}
        >
          {t('forms.fill.place.locate')}
        </Button>
      </div>
      <fieldset className="ff-pair">
        <legend className="visually-hidden">{label}</legend>
        {(['lon', 'lat'] as const).map((part) => (
          <div key={part}>
            <label className="small quiet" htmlFor={`${id}-${part}`}>
              {t(`forms.fill.place.${part}`)}
            </label>
            <Input
              id={`${id}-${part}`}
              inputMode="decimal"
              value={typed[part]}
              maxLength={14}
              onChange={(event) => write(part, event.target.value)}
            />
          </div>
        ))}
      </fieldset>
      <p className="small quiet" aria-live="polite">
        {value?.accuracy === undefined
          ? t('forms.fill.place.system')
          : t('forms.fill.place.accuracy', { m: value.accuracy })}
        {poor ? <span className="warn-text"> {t('forms.fill.place.poor', { m: field.accuracy })}</span> : null}
      </p>
      {fault ? (
        <p className="small warn-text" aria-live="polite">
          {fault}
        </p>
      ) : null}
    </div>
  );
}
