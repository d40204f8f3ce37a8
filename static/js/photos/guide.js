// Guidance for a view one cannot see: ticks that come faster and higher the closer it is, short words, vibration.

const SPOKEN_APART = 2500; // milliseconds: a word must be heard out

export class Guide {
  // live: an element that screen readers announce; it is told the same words, whether or not there is sound.
  constructor(live) {
    Object.assign(this, { live, on: false, near: 0, last: "", lastAt: 0, timer: 0, audio: null });
  }

  // Must be called from a press: browsers start no sound by themselves.
  switch(on) {
    this.on = on;
    if (!on) return this.stop();
    const Audio = window.AudioContext ?? window.webkitAudioContext;
    if (Audio) this.audio ??= new Audio();
    this.audio?.resume();
    clearTimeout(this.timer);
    this.tick();
  }

  tick() {
    if (!this.on) return;
    this.tone(380 + 620 * this.near, 0.05, 0.06 + 0.06 * this.near);
    this.timer = setTimeout(() => this.tick(), 900 - 760 * this.near);
  }

  tone(pitch, seconds, loud) {
    if (!this.audio || this.audio.state !== "running") return;
    const [voice, volume, now] = [this.audio.createOscillator(), this.audio.createGain(), this.audio.currentTime];
    voice.frequency.value = pitch;
    volume.gain.setValueAtTime(0, now);
    volume.gain.linearRampToValueAtTime(loud, now + 0.01);
    volume.gain.linearRampToValueAtTime(0, now + seconds);
    voice.connect(volume).connect(this.audio.destination);
    voice.start(now);
    voice.stop(now + seconds + 0.02);
  }

  // A word that may be left out when another has just been said; `must` ones may not.
  say(word, must = false) {
    const now = Date.now();
    if (!must && (word === this.last || now - this.lastAt < SPOKEN_APART)) return;
    Object.assign(this, { last: word, lastAt: now });
    this.live.textContent = word;
    if (!this.on || !window.speechSynthesis) return;
    const spoken = new SpeechSynthesisUtterance(word);
    spoken.lang = "en";
    speechSynthesis.cancel();
    speechSynthesis.speak(spoken);
  }

  fits() {
    if (this.on) navigator.vibrate?.(40);
  }

  taken() {
    clearTimeout(this.timer);
    if (!this.on) return;
    navigator.vibrate?.([80, 60, 80]);
    this.tone(1320, 0.18, 0.14);
  }

  stop() {
    clearTimeout(this.timer);
    window.speechSynthesis?.cancel();
  }
}
