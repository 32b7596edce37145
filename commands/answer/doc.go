// Package answer says what a sentence asks for, what to do about it, and which
// entries of the FAQ fit it. It works in-process, offline, in French and
// English; it knows no room, no person and no store.
//
// # How a sentence is understood
//
// Package text folds it (case, accents, SMS spellings), puts placeholders for
// addresses, names and numbers, and turns it into features: stems, pairs of
// stems, pieces of words against typos, and concepts (families of words, in
// text/concepts.txt) alone and in pairs. Package model weighs them: one linear
// classifier over the 25 ids and None, one byte a weight. Decide then starts
// something, offers two or three things, or stays silent, by the thresholds of
// Options. A line not addressed to the bot must also ask or complain, and call
// nobody by name, before its probability even counts.
//
// To teach it: add lines to a file in corpus, or words to text/concepts.txt,
// and run go generate in this folder; a test fails until that is done.
//
// # How the corpus was made, and its test part kept apart
//
// Every line was written for this project; no member's words are in it. One file
// is one way of writing, and a whole file is train, dev or test (see package
// corpus). The model that ships learnt train and dev. Methods, settings and
// thresholds were chosen on dev and on styles left out of training; test was
// written before the second half of train, with personas of its own, and its
// mistakes were never looked at one by one, only counted. No sentence stands in
// two parts, which a test checks.
//
// Honestly: one author imagined all the personas, so test is nearer to train
// than real members will be. The table of styles left out says what to expect of
// somebody who writes like none of them.
//
// # Methods compared
//
// Learnt on train (3935 lines), go run ./train -compare. A tie is lost; top1 and
// top3 rank the wanting lines among the 25 ids, quiet is the share of None lines
// that None wins before any threshold.
//
//	                                              dev                  test
//	                                        top1  top3  quiet    top1  top3  quiet
//	keyword list (one concept, most lines)  .439  .809  .700     .414  .786  .727
//	nearest neighbour, cosine               .861  .948  .800     .810  .957  .745
//	nearest centroid, cosine                .838  .942  .650     .838  .948  .745
//	multinomial naive Bayes                 .948  .994  .875     .962 1.000  .855
//	logistic regression, words              .867  .983  .950     .910  .986  .982
//	logistic regression, characters         .931  .988  .950     .933  .976  .927
//	logistic regression, both               .931  .983  .975     .967  .986  .982
//	logistic regression, all features       .965 1.000  .975     .962 1.000  .945
//	the same + naive Bayes (ships)          .965 1.000  .975     .957 1.000  .945
//
// The last two are level here. Over styles left out, two at a time, the blend was
// the better one: top1 .849 against .843, top3 .961 against .956.
//
// Learning curve on test, go run ./train -curve:
//
//	 492 lines  top1 .838  top3 .971
//	 984 lines  top1 .862  top3 .986
//	1968 lines  top1 .924  top3 .986
//	3935 lines  top1 .957  top3 1.000
//
// Each style by a model that never saw it, go run ./train -styles: top1 from
// .776 (sentences built to be confused) and .782 (stories told as on the
// telephone) to .953 (search words), .88 over all; top3 .92 to 1.00, .98 over
// all. The temperature that makes these probabilities honest, 1.07, is
// the shipped one, rounded up.
//
// # The shipped model on test
//
// 265 lines, of which 210 want something: top1 .967, top3 1.000, wrong_start .014,
// missed 0, false_alarm 0 (of 55); French .966, English .969; French without
// accents .967. 92 % of the wanting lines are answered without a question; said
// in a room to nobody, 65 % would be. Over styles left out, at these thresholds, it
// was about .025 wrong starts and .01 false alarms, and 42 % answered unprompted.
package answer
