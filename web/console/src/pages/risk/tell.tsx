/** Who must be told (应通知单位): organisations with what of theirs is at stake, whether anybody is on duty there, and the way to tell them. */
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, Input, Modal, Select } from 'antd';
import { useEffect, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { useAct } from '../command/shared.tsx';
import { comma } from './comma.ts';

export interface Told {
  organisation: { id: string; name: { zh: string; en: string } };
  why: { zh: string; en: string };
  duty: number;
  /** Objects now and at the worst of the next hours, or those in a path. */
  now?: number;
  later?: number;
  objects?: number;
  names?: string[];
}

export function TellPanel({ tell, title, text }: { tell: readonly Told[]; title: string; text: string }) {
  const { t, say, language } = useSpeech();
  const { may } = useSession();
  const [open, setOpen] = useState(false);
  return (
    <Panel
      title={t('risk.tell')}
      extra={
        tell.length && may('command.act') ? (
          <Button type="primary" size="small" onClick={() => setOpen(true)}>
            {t('risk.tell-them')}
          </Button>
        ) : null
      }
    >
      {tell.length ? (
        <ul className="risk-tell">
          {tell.map((o) => (
            <li key={o.organisation.id}>
              <span className="strong">{say(o.organisation.name)}</span>
              <span className="small">
                {say(o.why)}
                {o.objects === undefined
                  ? ` · ${t('risk.tell-counts', { now: o.now ?? 0, later: o.later ?? 0 })}`
                  : ` · ${t('risk.tell-objects', { n: o.objects })}`}
                {o.names?.length ? <span className="quiet"> · {o.names.join(comma(language))}</span> : null}
              </span>
              {o.duty ? (
                <Label tone="good">{t('risk.on-duty', { n: o.duty })}</Label>
              ) : (
                <Label tone="bad">{t('risk.nobody')}</Label>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p className="quiet small">{t('risk.tell-none')}</p>
      )}
      <NoticeForm open={open} tell={tell} title={title} text={text} onClose={() => setOpen(false)} />
    </Panel>
  );
}

/** A message to their inboxes, or a task in an operation that runs. */
function NoticeForm({
  open,
  tell,
  title,
  text,
  onClose,
}: {
  open: boolean;
  tell: readonly Told[];
  title: string;
  text: string;
  onClose: () => void;
}) {
  const { t, say } = useSpeech();
  const [to, setTo] = useState<string[]>([]);
  const [head, setHead] = useState(title);
  const [body, setBody] = useState(text);
  const [operation, setOperation] = useState(0);
  const [exercise, setExercise] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: filled in when it is opened, not while somebody writes.
  useEffect(() => {
    if (!open) return;
    setTo(tell.map((o) => o.organisation.id));
    setHead(title);
    setBody(text);
  }, [open]);
  const running = useQuery({
    queryKey: ['command', 'operations', 'running'],
    queryFn: ({ signal }) => api.get('/api/v1/command/operations', { query: { state: 'running', limit: 20 }, signal }),
    enabled: open,
  });
  const send = useAct(
    (_: undefined, key: string) =>
      operation
        ? api.post('/api/v1/command/operations/{id}/tasks', {
            params: { id: operation },
            body: { title: head.trim(), text: body.trim(), organisations: to, acknowledge: 10, limit: 120, key },
          })
        : api.post('/api/v1/command/notices', {
            body: { title: head.trim(), text: body.trim(), organisations: to, exercise, key },
          }),
    onClose,
  );
  const ready = to.length > 0 && head.trim() !== '' && body.trim() !== '';
  return (
    <Modal
      open={open}
      width={640}
      title={t('risk.tell-them')}
      okText={t(operation ? 'risk.give-task' : 'risk.send')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !ready, loading: send.isPending }}
      onOk={() => send.mutate(undefined)}
      onCancel={onClose}
    >
      <div className="stack-s">
        <Checkbox.Group
          style={{ display: 'grid', gap: 6 }}
          value={to}
          onChange={(v) => setTo(v as string[])}
          options={tell.map((o) => ({
            value: o.organisation.id,
            label: `${say(o.organisation.name)}${o.duty ? '' : ` · ${t('risk.nobody')}`}`,
          }))}
        />
        <Select
          aria-label={t('risk.how')}
          value={operation}
          onChange={setOperation}
          options={[
            { value: 0, label: t('risk.as-message') },
            ...(running.data?.items ?? []).map((o) => ({
              value: o.id,
              label: `${t('risk.as-task')} ${o.exercise ? t('risk.exercise-mark') : ''}${o.title}`,
            })),
          ]}
        />
        <Input
          aria-label={t('risk.notice-head')}
          value={head}
          maxLength={100}
          onChange={(e) => setHead(e.target.value)}
        />
        <Input.TextArea
          aria-label={t('risk.notice-body')}
          rows={5}
          value={body}
          maxLength={2000}
          onChange={(e) => setBody(e.target.value)}
        />
        {operation === 0 ? (
          <Checkbox checked={exercise} onChange={(e) => setExercise(e.target.checked)}>
            {t('risk.exercise')}
          </Checkbox>
        ) : null}
        {send.isError ? <Failure error={send.error} /> : null}
      </div>
    </Modal>
  );
}
