/** 市民上报: what somebody without an account wants to tell the city; answered with a number and a word to follow it by. */
import { AimOutlined, CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Select } from 'antd';
import { useId, useRef, useState } from 'react';
import type { Answer } from '../../../api/client.ts';
import { Page } from '../../../components/page.tsx';
import { Failure } from '../../../components/states.tsx';
import { Hash } from '../../../components/value.tsx';
import { copyText } from '../../../format/copy.ts';
import { useSpeech } from '../../../i18n/index.ts';
import { PictureInput } from '../picture-input.tsx';
import type { Point } from '../place-map.tsx';
import { PublicMap } from './map.tsx';
import { publicCall } from './shared.tsx';

type Matters = Answer<'/api/v1/public/events/matters'>;
type Told = Answer<'/api/v1/public/events/reports', 'post'>;

export default function PublicReport() {
  const { t } = useSpeech();
  const [told, setTold] = useState<Told>();
  return (
    <Page title={t('titles.public-report')} lead={t('events.public.lead')}>
      <div className="public-report">{told ? <Thanks told={told} /> : <Write onTold={setTold} />}</div>
    </Page>
  );
}

function Write({ onTold }: { onTold: (told: Told) => void }) {
  const { t, say } = useSpeech();
  const id = useId();
  const key = useRef(crypto.randomUUID());
  const [text, setText] = useState('');
  const [matter, setMatter] = useState<string>();
  const [address, setAddress] = useState('');
  const [place, setPlace] = useState<Point | null>(null);
  const [phone, setPhone] = useState('');
  const [pictures, setPictures] = useState<string[]>([]);
  const matters = useQuery({
    queryKey: ['public', 'matters'],
    queryFn: ({ signal }) => publicCall<Matters>('GET', '/api/v1/public/events/matters', { signal }),
    retry: false,
  });
  const send = useMutation({
    mutationFn: () =>
      publicCall<Told>('POST', '/api/v1/public/events/reports', {
        body: {
          ...{ key: key.current, text: text.trim(), pictures },
          ...(matter ? { matter } : {}),
          ...(address.trim() ? { address: address.trim() } : {}),
          ...(place ? { longitude: place.lon, latitude: place.lat } : {}),
          ...(phone.trim() ? { phone: phone.trim() } : {}),
        },
      }),
    onSuccess: onTold,
  });
  const ready = [...text.trim()].length >= 2 && (place !== null || [...address.trim()].length >= 2);
  return (
    <form
      className="ff collect-card"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <div className="ff-field">
        <label htmlFor={`${id}-t`} className="ff-label">
          {t('events.field.what')}
          <span className="ff-required">{t('common.required')}</span>
        </label>
        <Input.TextArea
          id={`${id}-t`}
          rows={4}
          maxLength={2000}
          value={text}
          placeholder={t('events.public.what-hint')}
          onChange={(event) => setText(event.target.value)}
        />
        <p className="small quiet">{t('events.public.what-note')}</p>
      </div>
      <div className="ff-field">
        <label htmlFor={`${id}-m`} className="ff-label">
          {t('events.public.matter')}
        </label>
        <Select
          id={`${id}-m`}
          aria-label={t('events.public.matter')}
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('events.public.matter-any')}
          value={matter ?? null}
          options={(matters.data?.matters ?? []).map((m) => ({
            value: m.id,
            label: `${say(m.group)} · ${say(m.title)}`,
          }))}
          onChange={(value: string | undefined) => setMatter(value)}
        />
      </div>
      <fieldset className="ff-field public-where">
        <legend className="ff-label">
          {t('events.public.where')}
          <span className="ff-required">{t('common.required')}</span>
        </legend>
        <p className="small quiet">{t('events.public.where-note')}</p>
        <label htmlFor={`${id}-a`} className="small">
          {t('events.address')}
        </label>
        <Input
          id={`${id}-a`}
          maxLength={300}
          autoComplete="street-address"
          value={address}
          placeholder={t('events.address-hint')}
          onChange={(event) => setAddress(event.target.value)}
        />
        <Locate onPlace={setPlace} />
        <PublicMap at={place} onPlace={setPlace} />
        <p className="row small quiet" aria-live="polite">
          {place ? (
            <>
              <span className="num">
                {t('events.public.marked')} {place.lon.toFixed(5)}, {place.lat.toFixed(5)}
              </span>
              <Button size="small" onClick={() => setPlace(null)}>
                {t('events.public.unmark')}
              </Button>
            </>
          ) : (
            t('events.public.not-marked')
          )}
        </p>
      </fieldset>
      <PictureInput kind="public" value={pictures} onChange={setPictures} />
      <div className="ff-field">
        <label htmlFor={`${id}-p`} className="ff-label">
          {t('events.public.phone')}
        </label>
        <Input
          id={`${id}-p`}
          type="tel"
          maxLength={30}
          autoComplete="tel"
          value={phone}
          onChange={(event) => setPhone(event.target.value)}
        />
        <p className="small quiet">{t('events.public.phone-note')}</p>
      </div>
      {send.isError ? <Failure error={send.error} /> : null}
      <Button type="primary" size="large" htmlType="submit" block disabled={!ready} loading={send.isPending}>
        {t('events.public.send')}
      </Button>
      {ready ? null : <p className="small quiet">{t('events.public.needs')}</p>}
      <p className="small">
        <Link to="/report/follow">{t('events.public.to-follow')}</Link>
      </p>
    </form>
  );
}

function Locate({ onPlace }: { onPlace: (at: Point) => void }) {
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
        onPlace({ lon: Number(coords.longitude.toFixed(6)), lat: Number(coords.latitude.toFixed(6)) });
      },
      (error) => {
        setAsking(false);
        setFault(t(error.code === error.PERMISSION_DENIED ? 'forms.fill.place.denied' : 'forms.fill.place.failed'));
      },
      { enableHighAccuracy: true, timeout: 20_000 },
    );
  };
  return (
    <div>
      <Button icon={<AimOutlined />} loading={asking} onClick={locate}>
        {t('events.public.locate')}
      </Button>
      {fault ? <p className="small warn-text">{fault}</p> : null}
    </div>
  );
}

/** The number and the word: shown once, to be kept. The address carries the word behind `#`, which no server is sent. */
function Thanks({ told }: { told: Told }) {
  const { t } = useSpeech();
  const [copied, setCopied] = useState(false);
  const link = `${location.origin}/report/follow#${told.number}.${told.token}`;
  return (
    <div className="collect-card stack" role="status">
      <h2>{t('events.public.thanks')}</h2>
      <dl className="facts">
        <div className="fact">
          <dt>{t('events.number')}</dt>
          <dd className="public-number num">{told.number}</dd>
        </div>
        <div className="fact wide">
          <dt>{t('events.public.word')}</dt>
          <dd>
            <Hash value={told.token} whole />
          </dd>
        </div>
      </dl>
      <p className="note warn">{t('events.public.keep')}</p>
      <div className="row">
        <Link to="/report/follow" hash={`${told.number}.${told.token}`}>
          <Button type="primary">{t('events.public.follow-now')}</Button>
        </Link>
        <Button
          icon={copied ? <CheckOutlined /> : <CopyOutlined />}
          onClick={() => void copyText(link).then(setCopied)}
        >
          {t(copied ? 'common.copied' : 'events.public.link')}
        </Button>
      </div>
    </div>
  );
}
