// Words and their numbers: what `vugen.vlm` does with a tokenizer of whole words.

const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d\s]+/gu;

// A word between quotes, which does not turn the sentence around if it is written from right to left
const quote = (word) => {
  const letters = [...word];
  return `‘\u2068${letters.slice(0, 40).join('')}${letters.length > 40 ? '…' : ''}\u2069’`;
};

export class Words {
  constructor(settings) {
    this.settings = settings;
    this.ids = new Map(settings.words.map((word, i) => [word, i]));
    this.known = settings.words.filter((word) => /^\p{L}/u.test(word)).sort();
  }

  // What a person wrote, without the punctuation that the model does not know
  plain(text) {
    return text.replace(/\p{P}/gu, (mark) => (this.ids.has(mark) ? mark : ' '));
  }

  tokens(text) {
    const found = this.plain(text).toLowerCase().match(WORD) ?? [];
    return found.map((word) => this.ids.get(word) ?? this.settings.unknown);
  }

  // What the model reads of it: small letters, and no other punctuation
  read(text) {
    return this.text(this.tokens(text));
  }

  isUnknown(word) {
    return this.tokens(word).includes(this.settings.unknown);
  }

  // Without repetitions and punctuation
  unknown(text) {
    const odd = text.split(/\s+/).filter((word) => this.isUnknown(word));
    return [...new Set(odd.map((word) => word.replace(/\p{P}/gu, '')))];
  }

  // Why a prompt or a question cannot be used, in one line; '' if it can
  problem(text, what = 'prompt') {
    const [length, most] = [this.tokens(text).length, this.settings.max_prompt];
    if (!length) return `The ${what} is empty; say what to ${what === 'prompt' ? 'paint' : 'answer'}.`;
    if (length > most) return `The ${what} has more than ${most} words; shorten it.`;
    const unknown = this.unknown(text);
    const more = unknown.length > 8 ? ` and ${unknown.length - 8} more` : '';
    return unknown.length ? `This model does not know ${unknown.slice(0, 8).map(quote).join(', ')}${more}.` : '';
  }

  // A user's turn, ready for the answer
  chat(text, picture = false) {
    const { before, before_picture, after } = this.settings;
    return [...(picture ? before_picture : before), ...this.tokens(text), ...after];
  }

  text(ids) {
    const words = ids.map((id) => this.settings.words[id]).filter((word) => !/^<.+>$/.test(word));
    return words.join(' ').replaceAll(' ,', ',');
  }
}
