/** One camera. Its address is shown to who may watch, after they have said what for; that look is audited. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { clockTime } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useOwners } from '../exchange/shared.tsx';
import { type Camera, CameraState, SeenTable } from './video.tsx';

export default function CameraPage() {
  const { t, say } = useSpeech();
  const { nameOf } = useOwners();
  const code = useUrlState().get('code') ?? '';
  const one = useQuery({
    queryKey: ['sensing', 'camera', code],
    queryFn: ({ signal }) => api.get('/api/v1/sensing/cameras/{code}', { params: { code }, signal }),
    enabled: code !== '',
  });
  return (
    <Page
      title={one.data ? say(one.data.label) : t('titles.sensing-camera')}
      back={{ to: '/sensing/video', label: t('titles.sensing-video') }}
    >
      {code === '' ? (
        <div className="panel">
          <Empty title={t('sensing.no-camera')} />
        </div>
      ) : (
        <Loaded query={one}>
          {(c) => (
            <div className="stack">
              <Panel title={t('sensing.about')}>
                <Facts>
                  <Fact label={t('sensing.code')}>
                    <span className="num">{c.code}</span>
                  </Fact>
                  <Fact label={t('sensing.state')}>
                    <CameraState of={c.state} />
                  </Fact>
                  <Fact label={t('sensing.owner')}>{nameOf(c.owner)}</Fact>
                  <Fact label={t('sensing.sensitivity')}>{t(`sensing.sensitive.${c.sensitivity}`)}</Fact>
                  <Fact label={t('sensing.place')}>
                    {c.address ?? (c.lon === null ? '—' : `${c.lon.toFixed(5)}, ${c.lat!.toFixed(5)}`)}
                  </Fact>
                  <Fact label={t('sensing.parts')}>
                    <span className="num">
                      {[c.parts.centre, c.parts.industry, c.parts.type, c.parts.network, c.parts.serial].join(' · ')}
                    </span>
                  </Fact>
                  <Fact label={t('sensing.viewers')}>{c.viewers.map(nameOf).join('、') || '—'}</Fact>
                  <Fact label={t('sensing.keep')}>{t('sensing.days', { n: c.keepDays })}</Fact>
                </Facts>
              </Panel>
              <Watch of={c} />
              <SeenTable camera={c.code} />
            </div>
          )}
        </Loaded>
      )}
    </Page>
  );
}

function Watch({ of: c }: { of: Camera }) {
  const { t } = useSpeech();
  const [purpose, setPurpose] = useState('');
  const id = useId();
  const watch = useMutation({
    mutationFn: () =>
      api.post('/api/v1/sensing/cameras/{code}/watch', {
        params: { code: c.code },
        body: { purpose },
      }),
  });
  return (
    <Panel title={t('sensing.watch')}>
      {!c.mayWatch ? (
        <p>{t('sensing.may-not-watch')}</p>
      ) : !c.hasStream ? (
        <p>{t('sensing.no-stream')}</p>
      ) : (
        <form
          className="stack-s"
          onSubmit={(event) => {
            event.preventDefault();
            watch.mutate();
          }}
        >
          <p className="small quiet">{t('sensing.watch-text')}</p>
          <div style={{ maxInlineSize: 420 }}>
            <label htmlFor={id}>{t('sensing.purpose')}</label>
            <Input
              id={id}
              required
              minLength={2}
              maxLength={200}
              value={purpose}
              onChange={(event) => setPurpose(event.target.value)}
            />
          </div>
          <div>
            <Button type="primary" htmlType="submit" loading={watch.isPending}>
              {t('sensing.open-stream')}
            </Button>
          </div>
          {watch.error ? <Failure error={watch.error} /> : null}
          {watch.data ? (
            <div role="status">
              <code style={{ overflowWrap: 'anywhere' }}>{watch.data.stream}</code>
              <p className="small quiet">{t('sensing.until', { at: clockTime(watch.data.until) })}</p>
            </div>
          ) : null}
        </form>
      )}
    </Panel>
  );
}
