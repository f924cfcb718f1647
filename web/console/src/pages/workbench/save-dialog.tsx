/** Saving a query: its name, what it is for, who may open it. Whoever opens it runs it with their own rights. */
import { useMutation } from '@tanstack/react-query';
import { Button, Checkbox, Input, Modal, Radio, Select } from 'antd';
import { useId, useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useMe } from '../../session/session.tsx';
import type { Drawn } from './drawing.tsx';
import type { Parameter } from './parameters.tsx';

export type Saved = Answer<'/api/v1/workbench/saved/{id}'>;

/** Roles that use the workbench. */
const users = ['analyst', 'data-steward', 'data-officer'] as const;

export function SaveDialog({
  saved,
  content,
  onClose,
  onSaved,
}: {
  /** The query that is open, or null. */
  saved: Saved | null;
  content: { statement: string; parameters: Parameter[]; chart: Drawn | null };
  onClose: () => void;
  onSaved: (saved: Saved) => void;
}) {
  const { t } = useSpeech();
  const id = useId();
  const { data: me } = useMe();
  const [name, setName] = useState(saved?.name ?? '');
  const [description, setDescription] = useState(saved?.description ?? '');
  const [shared, setShared] = useState<Saved['shared']>(saved?.shared ?? 'own');
  const [roles, setRoles] = useState<string[]>(saved?.roles ?? []);
  const [asNew, setAsNew] = useState(!saved?.editable);
  const save = useMutation({
    mutationFn: () => {
      const body = { ...content, name, description, shared, roles: shared === 'roles' ? roles : [] };
      return saved && !asNew
        ? api.put('/api/v1/workbench/saved/{id}', {
            params: { id: saved.id },
            body: { ...body, version: saved.version },
          })
        : api.post('/api/v1/workbench/saved', { body });
    },
    onSuccess: onSaved,
  });
  return (
    <Modal
      open
      title={t('workbench.save')}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            type="primary"
            disabled={!name.trim() || (shared === 'roles' && roles.length === 0)}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t('workbench.save')}
          </Button>
        </>
      }
    >
      <div className="stack-s">
        <label htmlFor={`${id}-n`}>{t('workbench.name')}</label>
        <Input id={`${id}-n`} value={name} maxLength={120} onChange={(e) => setName(e.target.value)} />
        <label htmlFor={`${id}-d`}>{t('workbench.description')}</label>
        <Input.TextArea
          id={`${id}-d`}
          value={description}
          maxLength={2000}
          autoSize={{ minRows: 2, maxRows: 6 }}
          onChange={(e) => setDescription(e.target.value)}
        />
        <Radio.Group
          aria-label={t('workbench.shared')}
          value={shared}
          onChange={(e) => setShared(e.target.value as Saved['shared'])}
          options={(['own', 'organisation', 'roles'] as const).map((value) => ({
            value,
            label: t(`workbench.shared-${value}`),
            disabled: value === 'organisation' && !me?.user.organisation,
          }))}
        />
        {shared === 'roles' ? (
          <Select
            mode="multiple"
            aria-label={t('workbench.roles')}
            placeholder={t('workbench.roles')}
            value={roles}
            options={users.map((role) => ({ value: role, label: t(`workbench.role-${role}`) }))}
            onChange={setRoles}
          />
        ) : null}
        {saved?.editable ? (
          <Checkbox checked={asNew} onChange={(e) => setAsNew(e.target.checked)}>
            {t('workbench.as-new')}
          </Checkbox>
        ) : null}
        <p className="small quiet">{t('workbench.save-note')}</p>
        {save.isError ? <Failure error={save.error} /> : null}
      </div>
    </Modal>
  );
}
