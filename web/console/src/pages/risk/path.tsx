/** 影响范围推演: a plume, water over land or a storm's track; what lies in it, and whom to tell. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Checkbox, InputNumber, Segmented, Select } from 'antd';
import { useMemo, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { CityMap, type Overlay } from '../../components/city-map/index.ts';
import { Panel } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { comma } from './comma.ts';
import { TellPanel } from './tell.tsx';

type Found = Answer<'/api/v1/risk/path', 'post'>;
type Kind = 'plume' | 'flood' | 'track';
interface Place {
  lon: number;
  lat: number;
}
/** The worst zone first. */
const tones = ['bad', 'warn', 'info'] as const;
const most = { plume: 1, flood: 1, track: 60 } as const;

export function PathPage() {
  const { t, say } = useSpeech();
  const known = useQuery({
    queryKey: ['risk', 'paths'],
    queryFn: ({ signal }) => api.get('/api/v1/risk/paths', { signal }),
  });
  const [kind, setKind] = useState<Kind>('plume');
  const [places, setPlaces] = useState<Place[]>([]);
  const [gas, setGas] = useState<string>();
  const [grams, setGrams] = useState(900);
  const [measured, setMeasured] = useState(true);
  const [wind, setWind] = useState({ speed: 3, from: 90 });
  const [level, setLevel] = useState(4);
  const [reach, setReach] = useState(5000);
  const [radius, setRadius] = useState(20);
  const ask = useMutation({
    mutationFn: () => {
      const at = places[0]!;
      const body =
        kind === 'plume'
          ? {
              ...{ kind, lon: at.lon, lat: at.lat, gas: gas ?? known.data?.gases[0]?.id ?? '', grams },
              ...(measured ? {} : wind),
            }
          : kind === 'flood'
            ? { kind, lon: at.lon, lat: at.lat, level, reach }
            : { kind, points: places.map((p) => ({ ...p, radius })) };
      return api.post('/api/v1/risk/path', { body });
    },
  });
  const found = ask.data;
  const overlays = useMemo(() => overlaysOf(places, kind, found), [places, kind, found]);
  const choose = (next: Kind) => {
    setKind(next);
    setPlaces([]);
    ask.reset();
  };
  const put = ({ lon, lat }: Place) => {
    const own = { lon: Math.round(lon * 1e5) / 1e5, lat: Math.round(lat * 1e5) / 1e5 };
    setPlaces((p) => (most[kind] === 1 ? [own] : [...p, own].slice(-most[kind])));
    ask.reset();
  };
  const ready = places.length >= (kind === 'track' ? 2 : 1) && (kind !== 'flood' || known.data?.terrain === true);
  return (
    <div className="stack">
      <div className="risk-path">
        <Panel title={t('risk.path')}>
          <div className="risk-path-form">
            <Segmented
              block
              value={kind}
              onChange={(v) => choose(v as Kind)}
              options={(['plume', 'flood', 'track'] as const).map((v) => ({ value: v, label: t(`risk.path-${v}`) }))}
            />
            <p className="small quiet" role="status">
              {places.length
                ? places.map((p) => `${p.lon.toFixed(4)}, ${p.lat.toFixed(4)}`).join(' → ')
                : t(`risk.path-how-${kind}`)}
            </p>
            <PlaceInput onPlace={put} />
            {kind === 'plume' ? (
              <>
                <div className="risk-field">
                  {t('risk.gas')}
                  <Select
                    aria-label={t('risk.gas')}
                    value={gas ?? known.data?.gases[0]?.id ?? null}
                    onChange={setGas}
                    options={(known.data?.gases ?? []).map((g) => ({ value: g.id, label: say(g.title) }))}
                  />
                </div>
                <Field label={t('risk.grams')} unit="g/s" value={grams} min={1} max={1_000_000} onValue={setGrams} />
                <Checkbox checked={measured} onChange={(e) => setMeasured(e.target.checked)}>
                  {t('risk.wind-measured')}
                </Checkbox>
                {measured ? null : (
                  <>
                    <Field
                      label={t('risk.wind-speed')}
                      unit="m/s"
                      min={0}
                      max={60}
                      value={wind.speed}
                      onValue={(speed) => setWind({ ...wind, speed })}
                    />
                    <Field
                      label={t('risk.wind-from')}
                      unit="°"
                      min={0}
                      max={360}
                      value={wind.from}
                      onValue={(from) => setWind({ ...wind, from })}
                    />
                  </>
                )}
              </>
            ) : kind === 'flood' ? (
              <>
                <Field
                  label={t('risk.water-level')}
                  unit="m"
                  value={level}
                  min={-20}
                  max={5000}
                  step={0.1}
                  onValue={setLevel}
                />
                <Field
                  label={t('risk.reach')}
                  unit="m"
                  value={reach}
                  min={200}
                  max={30_000}
                  step={500}
                  onValue={setReach}
                />
                {known.data?.terrain === false ? <p className="note warn small">{t('risk.no-terrain')}</p> : null}
              </>
            ) : (
              <>
                <Field label={t('risk.radius')} unit="km" value={radius} min={1} max={1000} onValue={setRadius} />
                {places.length ? (
                  <Button size="small" onClick={() => setPlaces(places.slice(0, -1))}>
                    {t('risk.back-one')}
                  </Button>
                ) : null}
              </>
            )}
            <Button type="primary" disabled={!ready} loading={ask.isPending} onClick={() => ask.mutate()}>
              {t('risk.reckon')}
            </Button>
            {ask.isError ? <Failure error={ask.error} /> : null}
          </div>
        </Panel>
        <Panel title={t('risk.path-map')}>
          <CityMap label={t('risk.path-map')} overlays={overlays} height={460} controls onPlace={put} onPick={put} />
        </Panel>
      </div>
      {found ? <Result found={found} kind={kind} /> : <Empty title={t('risk.path-none')}>{t('risk.path-lead')}</Empty>}
    </div>
  );
}

function Field({
  label,
  unit,
  value,
  min,
  max,
  step = 1,
  onValue,
}: {
  label: string;
  unit: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  onValue: (value: number) => void;
}) {
  return (
    <div className="risk-field">
      {label}
      <InputNumber
        style={{ width: '100%' }}
        {...{ min, max, step, value, suffix: unit }}
        aria-label={label}
        onChange={(v) => onValue(Number(v ?? min))}
      />
    </div>
  );
}

/** A place by its degrees, for those who do not point. */
function PlaceInput({ onPlace }: { onPlace: (place: Place) => void }) {
  const { t } = useSpeech();
  const [lon, setLon] = useState<number | null>(null);
  const [lat, setLat] = useState<number | null>(null);
  return (
    <div className="row">
      <InputNumber
        aria-label={t('risk.lon')}
        placeholder={t('risk.lon')}
        min={-180}
        max={180}
        value={lon}
        onChange={setLon}
        style={{ width: 92 }}
      />
      <InputNumber
        aria-label={t('risk.lat')}
        placeholder={t('risk.lat')}
        min={-85}
        max={85}
        value={lat}
        onChange={setLat}
        style={{ width: 84 }}
      />
      <Button size="small" disabled={lon === null || lat === null} onClick={() => onPlace({ lon: lon!, lat: lat! })}>
        {t('risk.put')}
      </Button>
    </div>
  );
}

function overlaysOf(places: readonly Place[], kind: Kind, found: Found | undefined): Overlay[] {
  const point = (p: Place): [number, number] => [p.lon, p.lat];
  const zones = (found?.zones ?? []).map(
    (z, i): Overlay => ({
      ...{ id: `zone-${z.id}`, colour: tones[Math.min(i, 2)]!, size: found!.zones[0]!.polygons.length > 1 ? 0 : 1.6 },
      data: {
        type: 'FeatureCollection',
        features: z.polygons.map((ring) => ({
          ...{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } },
        })),
      },
    }),
  );
  const things: Overlay = {
    ...{ id: 'things', size: 4 },
    data: {
      type: 'FeatureCollection',
      features: (found?.kinds ?? [])
        .filter((k) => k.kind !== 'building')
        .flatMap((k) => k.items)
        .map((i) => ({
          ...{ type: 'Feature', geometry: { type: 'Point', coordinates: [i.lon, i.lat] }, properties: { id: i.id } },
        })),
    },
  };
  const start: Overlay = {
    ...{ id: 'places', colour: 'bad', size: 6 },
    data: {
      type: 'FeatureCollection',
      features: places.map((p) => ({
        ...{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: point(p) } },
      })),
    },
  };
  const way: Overlay = {
    ...{ id: 'way', colour: 'bad', size: 2 },
    data: {
      type: 'FeatureCollection',
      features:
        kind === 'track' && places.length > 1
          ? [{ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: places.map(point) } }]
          : [],
    },
  };
  // The mildest zone lies lowest.
  return [...zones.reverse(), things, way, start];
}

function Result({ found, kind }: { found: Found; kind: Kind }) {
  const { t, say, language } = useSpeech();
  const hit = found.kinds.filter((k) => k.objects > 0);
  const said = hit.map((k) =>
    k.n === k.objects
      ? `${say(k.title)} ${full(k.objects)}`
      : `${say(k.title)} ${full(k.objects)} (${say(k.counts)} ${full(Math.round(k.n))})`,
  );
  return (
    <>
      <Panel title={t('risk.path-inputs')}>
        <dl className="risk-path-inputs">
          {found.inputs.map((i) => (
            <div key={i.title.zh}>
              <dt>{say(i.title)}</dt>
              <dd className="num">{`${i.value} ${i.unit}`}</dd>
            </div>
          ))}
        </dl>
      </Panel>
      <TellPanel
        tell={found.tell}
        title={t(`risk.path-title-${kind}`)}
        text={t('risk.path-text', {
          inputs: found.inputs.map((i) => `${say(i.title)} ${i.value}${i.unit}`).join(comma(language)),
          hit: said.join(comma(language)) || t('risk.path-nobody'),
        })}
      />
      <Panel title={t('risk.in-path')} flush>
        {hit.length ? (
          <DataTable
            caption={t('risk.in-path')}
            rows={hit}
            rowKey={(k) => k.kind}
            columns={[
              { key: 'kind', title: t('risk.kind'), head: true, render: (k) => say(k.title) },
              ...found.zones.map((z, i) => ({
                ...{ key: z.id, title: say(z.title), align: 'end' as const },
                render: (k: (typeof hit)[number]) => (
                  <span className="num">
                    {full(k.zones[i]!.objects)}
                    {k.zones[i]!.n === k.zones[i]!.objects ? '' : ` · ${full(Math.round(k.zones[i]!.n))}`}
                  </span>
                ),
              })),
              {
                ...{ key: 'all', title: t('risk.all'), align: 'end' as const },
                render: (k) => (
                  <strong className="num">
                    {k.n === k.objects
                      ? full(k.objects)
                      : `${full(k.objects)} · ${say(k.counts)} ${full(Math.round(k.n))}`}
                  </strong>
                ),
              },
              {
                key: 'names',
                title: t('risk.names'),
                render: (k) => (
                  <details className="fold small">
                    <summary>{t('risk.first-n', { n: k.items.length })}</summary>
                    <ul>
                      {k.items.map((i) => (
                        <li key={i.id}>{`${i.name ?? i.id}${i.n > 1 ? ` · ${full(Math.round(i.n))}` : ''}`}</li>
                      ))}
                    </ul>
                  </details>
                ),
              },
            ]}
          />
        ) : (
          <Empty title={t('risk.path-nobody')} />
        )}
      </Panel>
    </>
  );
}
