/** How hubs come to know each other: invite one, take in the code of one, or add a foreign catalogue that is only read. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Input, Radio, Select, Typography } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { blankSettings, Field, type Settings, SettingsForm } from './settings-form.tsx';

type Way = 'invite' | 'accept' | 'foreign';

export default function NewPeer() {
  const { t } = useSpeech();
  const [way, setWay] = useState<Way>('invite');
  return (
    <Page
      title={t('titles.peers-new')}
      lead={t('peers.new-lead')}
      back={{ to: '/peers/hubs', label: t('titles.peers-hubs') }}
    >
      <div className="stack">
        <Panel title={t('peers.way-title')}>
          <Radio.Group
            aria-label={t('peers.way-title')}
            value={way}
            onChange={(e) => setWay(e.target.value as Way)}
            style={{ display: 'grid', gap: 8 }}
            options={(['invite', 'accept', 'foreign'] as const).map((value) => ({
              value,
              label: t(`peers.way.${value}`),
            }))}
          />
        </Panel>
        {way === 'invite' ? <Invite /> : way === 'accept' ? <Accept /> : <Foreign />}
      </div>
    </Page>
  );
}

const named = (s: Settings) => [...s.name.zh.trim()].length >= 2 && [...s.name.en.trim()].length >= 2;
const isUrl = (text: string) => /^https?:\/\/\S+$/.test(text.trim());

function useSettings() {
  const [value, setValue] = useState(blankSettings);
  return { value, set: (patch: Partial<Settings>) => setValue((before) => ({ ...before, ...patch })) };
}

function Invite() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const settings = useSettings();
  const [url, setUrl] = useState('');
  const make = useMutation({
    mutationFn: () => api.post('/api/v1/peers/invitations', { body: { ...settings.value, url: url.trim() } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['peers'] }),
  });
  if (make.data)
    return (
      <Panel title={t('peers.code-made')}>
        <div className="stack-s">
          <p className="note warn">{t('peers.code-once', { until: instant(make.data.until) })}</p>
          <Typography.Paragraph copyable={{ text: make.data.code }} code style={{ overflowWrap: 'anywhere' }}>
            {make.data.code}
          </Typography.Paragraph>
          <p>{t('peers.code-next')}</p>
          <Link to="/peers/hubs/$peer" params={{ peer: String(make.data.id) } as never}>
            <Button type="primary">{t('peers.to-hub')}</Button>
          </Link>
        </div>
      </Panel>
    );
  return (
    <Panel title={t('peers.way.invite')}>
      <div className="stack-s">
        <Field label={t('peers.url')} hint={t('peers.url-hint')}>
          {(id) => (
            <Input
              id={id}
              style={{ maxWidth: 640 }}
              placeholder="https://hub.example.gov.cn"
              value={url}
              onChange={(e) => setUrl(e.target.value)}
            />
          )}
        </Field>
        <SettingsForm {...settings} />
        {make.isError ? <Failure error={make.error} /> : null}
        <div>
          <Button
            type="primary"
            loading={make.isPending}
            disabled={!named(settings.value) || !isUrl(url)}
            onClick={() => make.mutate()}
          >
            {t('peers.make-code')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}

function Accept() {
  const { t, say } = useSpeech();
  const client = useQueryClient();
  const settings = useSettings();
  const [code, setCode] = useState('');
  const look = useMutation({
    mutationFn: () => api.post('/api/v1/peers/introductions/preview', { body: { code: code.trim() } }),
    onSuccess: (found) => settings.set({ name: found.name }),
  });
  const take = useMutation({
    mutationFn: () => api.post('/api/v1/peers/introductions', { body: { ...settings.value, code: code.trim() } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['peers'] }),
  });
  if (take.data)
    return (
      <Panel title={t('peers.accepted')}>
        <div className="stack-s">
          <p>{t('peers.accepted-next')}</p>
          <p className="strong" style={{ fontSize: 28 }}>
            <code>{take.data.check}</code>
          </p>
          <Link to="/peers/hubs/$peer" params={{ peer: String(take.data.id) } as never}>
            <Button type="primary">{t('peers.to-hub')}</Button>
          </Link>
        </div>
      </Panel>
    );
  return (
    <Panel title={t('peers.way.accept')}>
      <div className="stack-s">
        <Field label={t('peers.code')} hint={t('peers.code-hint')}>
          {(id) => (
            <Input.TextArea
              id={id}
              rows={4}
              maxLength={6000}
              style={{ maxWidth: 640 }}
              value={code}
              onChange={(e) => {
                setCode(e.target.value);
                look.reset();
              }}
            />
          )}
        </Field>
        {look.isError ? <Failure error={look.error} /> : null}
        {look.data ? (
          <>
            <Facts>
              <Fact label={t('peers.name')}>{say(look.data.name)}</Fact>
              <Fact label={t('peers.url')}>
                <code>{look.data.url}</code>
              </Fact>
              <Fact label={t('peers.their-check')}>
                <code className="strong">{look.data.check}</code>
              </Fact>
            </Facts>
            <p className="note warn">{t('peers.compare')}</p>
            <SettingsForm key={look.data.hub} {...settings} />
            {take.isError ? <Failure error={take.error} /> : null}
            <div>
              <Button
                type="primary"
                loading={take.isPending}
                disabled={!named(settings.value)}
                onClick={() => take.mutate()}
              >
                {t('peers.introduce')}
              </Button>
            </div>
          </>
        ) : (
          <div>
            <Button loading={look.isPending} disabled={code.trim().length < 20} onClick={() => look.mutate()}>
              {t('peers.look')}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Foreign() {
  const { t } = useSpeech();
  const client = useQueryClient();
  const settings = useSettings();
  const [url, setUrl] = useState('');
  const [kind, setKind] = useState<'dcat' | 'ckan'>('ckan');
  const add = useMutation({
    mutationFn: () => api.post('/api/v1/peers/foreign', { body: { ...settings.value, url: url.trim(), kind } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['peers'] }),
  });
  if (add.data)
    return (
      <Panel title={t('peers.added')}>
        <div className="stack-s">
          <p>{t('peers.added-next')}</p>
          <Link to="/peers/hubs/$peer" params={{ peer: String(add.data.id) } as never}>
            <Button type="primary">{t('peers.to-hub')}</Button>
          </Link>
        </div>
      </Panel>
    );
  return (
    <Panel title={t('peers.way.foreign')}>
      <div className="stack-s">
        <Field label={t('peers.kind-title')}>
          {(id) => (
            <Select
              id={id}
              aria-label={t('peers.kind-title')}
              style={{ minWidth: 260 }}
              value={kind}
              onChange={setKind}
              options={(['ckan', 'dcat'] as const).map((value) => ({ value, label: t(`peers.kind.${value}`) }))}
            />
          )}
        </Field>
        <Field label={t('peers.url')} hint={t(`peers.foreign-hint.${kind}`)}>
          {(id) => <Input id={id} style={{ maxWidth: 640 }} value={url} onChange={(e) => setUrl(e.target.value)} />}
        </Field>
        <SettingsForm {...settings} foreign />
        {add.isError ? <Failure error={add.error} /> : null}
        <div>
          <Button
            type="primary"
            loading={add.isPending}
            disabled={!named(settings.value) || !isUrl(url)}
            onClick={() => add.mutate()}
          >
            {t('peers.add-foreign')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
