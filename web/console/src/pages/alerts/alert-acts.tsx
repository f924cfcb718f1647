/** What people may do with an alert: acknowledge, note, escalate, silence, end, draft a public warning. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import type { Detail } from './shared.tsx';

type Doing = 'note' | 'escalate' | 'acknowledge' | 'silence' | 'end';

export function Acts({ data }: { data: Detail }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [doing, setDoing] = useState<Doing | null>(null);
  const [text, setText] = useState('');
  const [to, setTo] = useState('');
  const [hours, setHours] = useState(4);
  const a = data.alert;
  const organisations = useQuery({
    queryKey: ['catalogue', 'organisations'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/organisations', { signal }),
    enabled: doing === 'escalate',
  });
  const act = useMutation({
    mutationFn: async () => {
      const params = { id: a.id };
      if (doing === 'acknowledge')
        await api.post('/api/v1/alerts/{id}/acknowledge', { params, body: text ? { note: text } : {} });
      else if (doing === 'escalate')
        await api.post('/api/v1/alerts/{id}/escalate', { params, body: { to, note: text } });
      else if (doing === 'silence') {
        const now = Date.now();
        const body = {
          ...{
            rules: a.source === 'rule' ? [a.rule] : [],
            entities: a.entity ? [a.entity] : [],
            reason: text,
            level: Math.max(1, a.level),
          },
          ...{ from: new Date(now).toISOString(), until: new Date(now + hours * 3_600_000).toISOString() },
        };
        await api.post('/api/v1/alerts/silences', { body });
      } else if (doing) await api.post(`/api/v1/alerts/{id}/${doing}` as const, { params, body: { note: text } });
    },
    onSuccess: () => {
      message.success(t('alerts.done'));
      setDoing(null);
      setText('');
      return client.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
  if (!may('alert.handle') || a.state === 'closed') return null;
  const choices = (
    (organisations.data as { items?: { id: string; name: { zh: string; en: string } }[] } | undefined)?.items ?? []
  ).map((o) => ({
    value: o.id,
    label: say(o.name),
  }));
  return (
    <span className="row" style={{ flexWrap: 'wrap' }}>
      {a.acknowledged ? null : (
        <Button type="primary" onClick={() => setDoing('acknowledge')}>
          {t('alerts.acknowledge')}
        </Button>
      )}
      <Button onClick={() => setDoing('note')}>{t('alerts.note')}</Button>
      <Button onClick={() => setDoing('escalate')}>{t('alerts.escalate')}</Button>
      {a.source === 'rule' ? (
        <Button onClick={() => setDoing('silence')}>{t('alerts.silence')}</Button>
      ) : (
        <Button onClick={() => setDoing('end')}>{t('alerts.end')}</Button>
      )}
      <Button onClick={() => void navigate({ to: `/public-warnings/new?alert=${a.id}` as never })}>
        {t('alerts.to-public')}
      </Button>
      <Modal
        open={doing !== null}
        title={doing ? t(`alerts.${doing}`) : ''}
        onCancel={() => setDoing(null)}
        onOk={() => act.mutate()}
        okButtonProps={{
          loading: act.isPending,
          disabled: (doing !== 'acknowledge' && !text.trim()) || (doing === 'escalate' && !to),
        }}
        okText={t('alerts.confirm')}
        cancelText={t('common.cancel')}
      >
        <div className="stack-s">
          {doing === 'escalate' ? (
            <div className="stack-s">
              <span>{t('alerts.to')}</span>
              <Select
                showSearch
                optionFilterProp="label"
                style={{ inlineSize: '100%' }}
                options={choices}
                value={to || null}
                onChange={(v) => setTo(v ?? '')}
                aria-label={t('alerts.to')}
              />
            </div>
          ) : null}
          {doing === 'silence' ? (
            <div className="stack-s">
              <span>{t('alerts.for')}</span>
              <Select
                style={{ inlineSize: '100%' }}
                value={hours}
                onChange={setHours}
                aria-label={t('alerts.for')}
                options={[1, 4, 12, 24, 72].map((n) => ({ value: n, label: t('alerts.hours-n', { n }) }))}
              />
            </div>
          ) : null}
          <div className="stack-s">
            <span>{t(doing === 'silence' ? 'alerts.reason' : 'alerts.words')}</span>
            <Input.TextArea
              aria-label={t('alerts.words')}
              rows={3}
              maxLength={doing === 'silence' ? 300 : 1000}
              value={text}
              onChange={(e) => setText(e.target.value)}
            />
          </div>
          {act.error ? <Failure error={act.error} /> : null}
        </div>
      </Modal>
    </span>
  );
}
