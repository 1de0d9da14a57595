import { Modal } from '@mantine/core';
import { FilterEditor, type FilterEditorProps } from './FilterEditor';

interface FilterDialogProps extends FilterEditorProps {
  onClose: () => void;
}

/** Where a filter is written. It is there while it is drawn. */
export function FilterDialog({ onClose, ...about }: FilterDialogProps) {
  return (
    <Modal opened onClose={onClose} title="Filter" size={760} closeButtonProps={{ 'aria-label': 'Close' }}>
      <FilterEditor {...about} />
    </Modal>
  );
}
